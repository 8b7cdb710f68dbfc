# Celery reads every name that begins with CELERY_: config/celery.py says so.
CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
CELERY_RESULT_BACKEND = CELERY_BROKER_URL
# Results that nobody reads only fill Redis. A task whose result somebody reads says ignore_result=False.
CELERY_TASK_IGNORE_RESULT = True

# Seconds. The first limit raises SoftTimeLimitExceeded inside the task, the second kills the process that runs it.
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
# Seconds after which Redis hands out a task anew that nobody has acknowledged: longer than any task, countdown or eta.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}

# A worker fetches a task when one of its processes is free. By default it takes more, which then wait for it even if
# another worker is idle. Redis only.
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
# Log as LOGGING says. Otherwise the worker replaces the handlers of Django.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
