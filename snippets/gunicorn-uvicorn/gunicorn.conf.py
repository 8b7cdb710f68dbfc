# Gunicorn with Uvicorn as its worker, for an ASGI Django project. Start it in the folder that holds manage.py.
from uvicorn_worker import UvicornWorker

wsgi_app = "config.asgi:application"  # "wsgi" is only the name of the setting
bind = "127.0.0.1:8000"
pidfile = "gunicorn.pid"  # for reload.sh and stop.sh; systemd does not need it


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
