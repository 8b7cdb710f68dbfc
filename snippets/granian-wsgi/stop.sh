kill -TERM "$(pgrep -o -f 'granian config.wsgi:application --interface wsgi --host 127.0.0.1 --port 8000')"
