uwsgi --ini uwsgi.ini
