# Settings, code or configuration that do not load would end Gunicorn on a reload: so both checks come first.
python manage.py check --deploy &&
    gunicorn --config gunicorn.conf.py --check-config &&
    kill -HUP "$(cat gunicorn.pid)"
