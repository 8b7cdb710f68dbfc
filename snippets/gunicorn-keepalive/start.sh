gunicorn --config gunicorn.conf.py
