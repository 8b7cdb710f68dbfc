# Uvicorn writes no pid file: its main process is the oldest with this command line.
python manage.py check --deploy &&
    kill -HUP "$(pgrep -o -f 'uvicorn config.asgi:application --uds /run/django/app.sock')"
