uwsgi --ini uwsgi.ini --pidfile /run/django/uwsgi.pid
