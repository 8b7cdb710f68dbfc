kill -TERM "$(pgrep -o -f 'uvicorn config.asgi:application --uds /run/django/app.sock')"
