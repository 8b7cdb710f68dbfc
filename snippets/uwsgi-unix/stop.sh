kill -TERM "$(cat /run/django/uwsgi.pid)"
