python manage.py collectstatic --no-input
