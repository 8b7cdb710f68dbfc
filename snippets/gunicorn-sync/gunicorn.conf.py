# Gunicorn for Django code that is not thread-safe. Start it in the folder that holds manage.py.
wsgi_app = "config.wsgi:application"
bind = "127.0.0.1:8000"
pidfile = "gunicorn.pid"  # for reload.sh and stop.sh; systemd does not need it

# One request per worker at a time: 5 in all. Start with 2 x CPU cores + 1.
worker_class = "sync"
workers = 5

# A request that takes longer ends with a 500, and its worker with it. Longer than your slowest view.
timeout = 30
# What a stop leaves to requests in flight. The service manager has to wait longer than this.
graceful_timeout = 30

# A fresh process now and then keeps slow memory growth small; the jitter keeps workers from leaving together.
max_requests = 1000
max_requests_jitter = 100

# To standard output, where systemd and containers collect it. First field: the client, as nginx saw it.
accesslog = "-"
access_log_format = '%({x-forwarded-for}i)s "%(r)s" %(s)s %(b)s %(M)sms'

# The control socket is shared by all Gunicorns of one user; without gunicornc nothing needs it.
control_socket_disable = True
