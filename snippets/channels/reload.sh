# check does not load everything, e.g. the middleware: so the application is imported before the reload, too.
# Uvicorn writes no pid file: its main process is the oldest with this command line.
python manage.py check --deploy &&
    python -c "import config.asgi" &&
    kill -HUP "$(pgrep -o -f 'uvicorn config.asgi:application --host 127.0.0.1 --port 8000')"
