uvicorn config.asgi:application --uds /run/django/app.sock \
    --workers 2 \
    --forwarded-allow-ips '*' \
    --lifespan off \
    --timeout-graceful-shutdown 30 \
    --timeout-worker-healthcheck 10 \
    --no-server-header
