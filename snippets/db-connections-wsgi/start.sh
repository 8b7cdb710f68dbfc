gunicorn config.wsgi:application --bind 127.0.0.1:8000 --worker-class gthread --workers 2 --threads 4
