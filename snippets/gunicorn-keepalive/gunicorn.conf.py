# Gunicorn behind a proxy that keeps its connections open. Start it in the folder that holds manage.py.
wsgi_app = "config.wsgi:application"
bind = "127.0.0.1:8000"

worker_class = "gthread"
workers = 2
threads = 4

# Longer than the proxy keeps an idle connection (nginx: 60 s), so that it is always the proxy that closes it.
# With the default of 2 s the proxy now and then sends a request into a connection that Gunicorn is closing: a 502.
keepalive = 75

timeout = 30
graceful_timeout = 30
max_requests = 1000
max_requests_jitter = 100

accesslog = "-"
access_log_format = '%({x-forwarded-for}i)s "%(r)s" %(s)s %(b)s %(M)sms'

control_socket_disable = True
