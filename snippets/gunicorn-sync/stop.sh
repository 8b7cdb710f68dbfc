kill -TERM "$(cat gunicorn.pid)"
