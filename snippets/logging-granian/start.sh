granian config.asgi:application --interface asginl --host 127.0.0.1 --port 8000 \
    --workers 2 \
    --respawn-failed-workers \
    --workers-kill-timeout 30 \
    --log-config logging.json \
    --access-log \
    --access-log-fmt '%(header{x-request-id})s'
