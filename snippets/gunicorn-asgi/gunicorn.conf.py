# Gunicorn for an ASGI Django project. Start it in the folder that holds manage.py.
wsgi_app = "config.asgi:application"  # "wsgi" is only the name of the setting
bind = "127.0.0.1:8000"
pidfile = "gunicorn.pid"  # for reload.sh and stop.sh; systemd does not need it

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
