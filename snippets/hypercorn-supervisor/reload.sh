# One process after the other: while one restarts, the other one serves. What does not load stops at the checks.
python manage.py check --deploy &&
    python -c "import config.asgi" &&
    supervisorctl --configuration supervisord.conf restart hypercorn:hypercorn0 &&
    supervisorctl --configuration supervisord.conf restart hypercorn:hypercorn1
