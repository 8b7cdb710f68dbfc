# In place of DATABASES in the settings of a WSGI project.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["DB_NAME"],
        "USER": os.environ["DB_USER"],
        "PASSWORD": os.environ.get("DB_PASSWORD", ""),
        "HOST": os.environ["DB_HOST"],
        "PORT": os.environ.get("DB_PORT", ""),
        # Each thread keeps its connection for its next request, for 60 seconds at most.
        "CONN_MAX_AGE": 60,
        # Asks an old connection whether it still works, once per request, and opens a new one if it does not.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Who this is in pg_stat_activity: one name per kind of process, e.g. web, celery, cron.
            "application_name": os.environ.get("DB_APPLICATION_NAME", "web"),
            # Seconds until connecting fails. A database that does not answer holds a thread for so long.
            "connect_timeout": 5,
        },
    }
}
