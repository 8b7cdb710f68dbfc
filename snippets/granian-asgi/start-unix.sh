granian config.asgi:application --interface asginl --uds /run/django/app.sock --uds-permissions 0o660 \
    --workers 2 \
    --respawn-failed-workers \
    --respawn-interval 5 \
    --workers-kill-timeout 30 \
    --access-log
