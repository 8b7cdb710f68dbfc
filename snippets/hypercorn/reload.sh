# Settings or code that do not load would end Hypercorn on a reload: so both checks come first.
python manage.py check --deploy &&
    python -c "import config.asgi" &&
    kill -HUP "$(cat hypercorn.pid)"
