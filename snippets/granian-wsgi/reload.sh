# Granian ends the old workers even if the new ones do not load: that would end the server.
# It writes no pid file unless told to: its main process is the oldest with this command line.
python manage.py check --deploy &&
    python -c "import config.wsgi" &&
    kill -HUP "$(pgrep -o -f 'granian config.wsgi:application --interface wsgi --host 127.0.0.1 --port 8000')"
