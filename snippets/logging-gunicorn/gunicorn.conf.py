# Gunicorn for a synchronous Django project, with a JSON log. Start it in the folder that holds manage.py.
wsgi_app = "config.wsgi:application"
bind = "127.0.0.1:8000"

# workers x threads requests at the same time: 2 x 4 = 8. Start with one worker per CPU core.
worker_class = "gthread"
workers = 2
threads = 4

timeout = 30
graceful_timeout = 30
max_requests = 1000
max_requests_jitter = 100

# Gunicorn's own lines and its access log in the same form as Django's. This switches the access log on, too.
logconfig_json = "logging.json"

control_socket_disable = True
