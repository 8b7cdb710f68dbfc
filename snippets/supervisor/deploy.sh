# In the folder that holds manage.py. What does not load would end Gunicorn on a reload: so all of it is loaded first.
set -a && . /etc/django/django.env && set +a &&
    .venv/bin/python manage.py check --deploy &&
    .venv/bin/gunicorn --config gunicorn.conf.py --check-config &&
    supervisorctl signal HUP django
