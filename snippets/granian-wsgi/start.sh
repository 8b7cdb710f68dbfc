granian config.wsgi:application --interface wsgi --host 127.0.0.1 --port 8000 \
    --workers 2 --blocking-threads 4 \
    --respawn-failed-workers \
    --respawn-interval 5 \
    --workers-kill-timeout 30 \
    --access-log
