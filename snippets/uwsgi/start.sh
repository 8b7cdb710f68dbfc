uwsgi --ini uwsgi.ini --pidfile uwsgi.pid
