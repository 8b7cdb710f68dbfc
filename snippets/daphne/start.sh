daphne --bind 127.0.0.1 --port 8000 \
    --proxy-headers \
    --no-server-name \
    config.asgi:application
