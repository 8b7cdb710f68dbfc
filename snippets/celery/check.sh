# Exit code 0 when the worker of this host answers within 5 s.
celery --app config inspect ping --destination "celery@$(hostname)" --timeout 5
