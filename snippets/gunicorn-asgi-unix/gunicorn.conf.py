# Gunicorn for an ASGI Django project. Start it in the folder that holds manage.py.
wsgi_app = "config.asgi:application"  # "wsgi" is only the name of the setting
bind = "unix:/run/django/app.sock"
# The socket for owner and group only: run the service with the group of nginx (www-data on Debian).
umask = 0o007
# Its process id. In /run, because a file left behind by a crash can block the next start.
pidfile = "/run/django/gunicorn.pid"

# One event loop per worker. Start with one worker per CPU core; threads has no effect here.
worker_class = "asgi"
workers = 2
# The default takes uvloop as soon as it is installed, and with it a stop during the start is lost.
asgi_loop = "asyncio"
# Django does not speak the lifespan protocol.
asgi_lifespan = "off"

# A worker whose event loop stands still for so long is killed. No limit for a single request.
timeout = 30
# What a stop or a reload leaves to requests and WebSockets. The service manager has to wait longer than this.
graceful_timeout = 30

# A fresh process now and then keeps slow memory growth small; the jitter keeps workers from leaving together.
max_requests = 1000
max_requests_jitter = 100

# To standard output, where systemd and containers collect it. First field: the client, as nginx saw it.
accesslog = "-"
access_log_format = '%({x-forwarded-for}i)s "%(r)s" %(s)s %(b)s %(M)sms'

# The control socket is shared by all Gunicorns of one user; without gunicornc nothing needs it.
control_socket_disable = True
