# In the folder that holds manage.py. What does not load stops here; if a process does not come back, the next one stays.
set -a && . /etc/django/django.env && set +a &&
    .venv/bin/python manage.py check --deploy &&
    .venv/bin/python -c "import config.asgi" &&
    supervisorctl restart django:django0 &&
    supervisorctl restart django:django1
