# For trying it without units: systemd's own tool listens, and starts Gunicorn when the first client connects.
systemd-socket-activate --listen=/run/django/app.sock \
    --setenv=DJANGO_SECRET_KEY --setenv=DJANGO_ALLOWED_HOSTS \
    gunicorn --config gunicorn.conf.py
