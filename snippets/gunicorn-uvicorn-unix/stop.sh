kill -TERM "$(cat /run/django/gunicorn.pid)"
