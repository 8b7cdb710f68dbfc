kill -TERM "$(pgrep -o -f 'granian config.asgi:application --interface asginl --host 127.0.0.1 --port 8000')"
