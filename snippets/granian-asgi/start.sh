granian config.asgi:application --interface asginl --host 127.0.0.1 --port 8000 \
    --workers 2 \
    --respawn-failed-workers \
    --respawn-interval 5 \
    --workers-kill-timeout 30 \
    --access-log
