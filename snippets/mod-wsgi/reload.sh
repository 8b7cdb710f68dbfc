# check does not load everything, e.g. the middleware: so the application is imported before the reload, too.
python manage.py check --deploy &&
    python -c "import config.wsgi" &&
    touch config/wsgi.py
