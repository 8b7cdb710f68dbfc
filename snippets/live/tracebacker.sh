uwsgi --ini uwsgi.ini --py-tracebacker tracebacker.sock
