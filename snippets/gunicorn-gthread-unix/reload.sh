# With settings that do not load, a reload would end Gunicorn: so the check comes first.
python manage.py check --deploy && kill -HUP "$(cat gunicorn.pid)"
