# Gunicorn with Uvicorn as its worker, for an ASGI Django project. Start it in the folder that holds manage.py.
from uvicorn_worker import UvicornWorker

wsgi_app = "config.asgi:application"  # "wsgi" is only the name of the setting
bind = "unix:/run/django/app.sock"
# The socket for owner and group only: run the service with the group of nginx (www-data on Debian).
umask = 0o007
# Its process id. In /run, because a file left behind by a crash can block the next start.
pidfile = "/run/django/gunicorn.pid"
# Whoever may connect to the socket is believed. Uvicorn believes no Unix socket unless it is told to.
forwarded_allow_ips = "*"


class DjangoWorker(UvicornWorker):
    # Settings of Uvicorn for which Gunicorn has no name. Django does not speak the lifespan protocol.
    CONFIG_KWARGS = {"loop": "auto", "http": "auto", "lifespan": "off", "server_header": False}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Gunicorn does not hand this on. Without it, one endless response keeps an old worker for ever on a reload.
        self.config.timeout_graceful_shutdown = self.cfg.graceful_timeout


# One event loop per worker. Start with one worker per CPU core; threads has no effect here.
worker_class = DjangoWorker
workers = 2

# A worker whose event loop stands still for so long is killed. No limit for a single request.
timeout = 30
# What a stop leaves to requests in flight. The service manager has to wait longer than this.
graceful_timeout = 30

# A fresh process now and then keeps slow memory growth small; the jitter keeps workers from leaving together.
max_requests = 1000
max_requests_jitter = 100

# To standard output, where systemd and containers collect it.
accesslog = "-"

# The control socket is shared by all Gunicorns of one user; without gunicornc nothing needs it.
control_socket_disable = True
