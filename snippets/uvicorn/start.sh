uvicorn config.asgi:application --host 127.0.0.1 --port 8000 \
    --lifespan off \
    --timeout-graceful-shutdown 30 \
    --no-server-header
