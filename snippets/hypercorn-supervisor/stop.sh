kill -TERM "$(cat /run/django/supervisord.pid)"
