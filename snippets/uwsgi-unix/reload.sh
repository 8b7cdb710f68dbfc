# An option, settings or code that do not load would end uWSGI on a reload: so the checks come first.
# With strict in the file, --version ends with an error on an option that uWSGI does not know.
uwsgi --ini uwsgi.ini --version &&
    python manage.py check --deploy &&
    python -c "import config.wsgi" &&
    kill -HUP "$(cat /run/django/uwsgi.pid)"
