# In the folder that holds manage.py. Uvicorn calls a reload off when a new worker does not load; here you notice before.
set -a && . /etc/django/django.env && set +a &&
    .venv/bin/python manage.py check --deploy &&
    .venv/bin/python -c "import config.asgi" &&
    supervisorctl signal HUP django
