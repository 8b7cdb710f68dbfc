uvicorn config.asgi:application --host 127.0.0.1 --port 8000 \
    --workers 2 \
    --lifespan off \
    --timeout-graceful-shutdown 30 \
    --timeout-worker-healthcheck 10 \
    --no-server-header
