# Takes no new task, finishes those that run, then ends.
kill -TERM "$(cat /run/celery/celery.pid)"
