celery --app config worker --concurrency 2 --loglevel INFO --pidfile /run/celery/celery.pid
