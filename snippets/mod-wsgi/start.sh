mod_wsgi-express start-server config/wsgi.py --host 127.0.0.1 --port 8000 \
    --processes 2 --threads 4 \
    --trust-proxy 127.0.0.1 \
    --trust-proxy-header X-Forwarded-For --trust-proxy-header X-Forwarded-Proto \
    --shutdown-timeout 30 \
    --locale C.UTF-8 \
    --server-root /run/django/apache \
    --log-to-terminal
