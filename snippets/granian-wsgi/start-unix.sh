granian config.wsgi:application --interface wsgi --uds /run/django/app.sock --uds-permissions 0o660 \
    --workers 2 --blocking-threads 4 \
    --respawn-failed-workers \
    --respawn-interval 5 \
    --workers-kill-timeout 30 \
    --access-log
