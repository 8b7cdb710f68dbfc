kill -TERM "$(cat uwsgi.pid)"
