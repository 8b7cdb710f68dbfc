# Gunicorn in a container. Lies beside manage.py.
import os

wsgi_app = "config.wsgi:application"
# All addresses of the container: the proxy comes from another one.
# Do not publish this port to the outside.
bind = "0.0.0.0:8000"

# workers x threads requests at the same time: 2 x 4 = 8.
# Two workers even on one core: one serves while the other is replaced.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Where workers leave their signs of life:
# in memory, and writable even when the rest of the container is not.
worker_tmp_dir = "/dev/shm"

# A worker that gives no sign of life for so long is killed.
# No limit for a single request: a thread may take longer.
timeout = 30
# What a stop leaves to requests in flight.
# Docker and Kubernetes have to wait longer than this.
graceful_timeout = 30
# Longer than the load balancer keeps its idle connections,
# so that it is never the server that closes first.
keepalive = 75

# A fresh process now and then keeps slow memory growth small;
# the jitter keeps workers from leaving together.
max_requests = 1000
max_requests_jitter = 100

# To standard output, where the container engine collects it.
# First field: the client, as the proxy saw it.
accesslog = "-"
access_log_format = '%({x-forwarded-for}i)s "%(r)s" %(s)s %(b)s %(M)sms'

# The control socket would go to the home folder, and this user has none.
control_socket_disable = True
