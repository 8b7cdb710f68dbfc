# Gunicorn for a synchronous Django project. Start it in the folder that holds manage.py.
wsgi_app = "config.wsgi:application"
bind = "unix:/run/django/app.sock"
# For nginx with uwsgi_pass, as uWSGI was.
protocol = "uwsgi"
# nginx closes its connection after each answer. With the default of 2, Gunicorn 27.0.1 logs an error for every request.
keepalive = 0
# The socket for owner and group only: run the service with the group of nginx (www-data on Debian).
umask = 0o007
# Its process id. In /run, because a file left behind by a crash can block the next start.
pidfile = "/run/django/gunicorn.pid"

# workers x threads requests at the same time: 2 x 4 = 8. Start with one worker per CPU core.
worker_class = "gthread"
workers = 2
threads = 4

# A worker that gives no sign of life for so long is killed. No limit for a single request: a thread may take longer.
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
