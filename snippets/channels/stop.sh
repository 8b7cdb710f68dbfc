kill -TERM "$(pgrep -o -f 'uvicorn config.asgi:application --host 127.0.0.1 --port 8000')"
