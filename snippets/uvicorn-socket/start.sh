# Without units: systemd's own tool listens, and starts Uvicorn when a client connects.
systemd-socket-activate --listen=127.0.0.1:8000 \
    --setenv=DJANGO_SECRET_KEY --setenv=DJANGO_ALLOWED_HOSTS \
    uvicorn config.asgi:application --fd 3 \
    --lifespan off \
    --timeout-graceful-shutdown 30 \
    --no-server-header
