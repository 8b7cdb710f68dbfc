# In place of DATABASES in the settings of an ASGI project.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["DB_NAME"],
        "USER": os.environ["DB_USER"],
        "PASSWORD": os.environ.get("DB_PASSWORD", ""),
        "HOST": os.environ["DB_HOST"],
        "PORT": os.environ.get("DB_PORT", ""),
        # Persistent connections and the pool exclude each other.
        "CONN_MAX_AGE": 0,
        # With the pool: asks each connection whether it still works before a request gets it.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # One pool per process: two workers hold up to 2 x 4 connections. pip install "psycopg[pool]"
            "pool": {
                "min_size": 1,
                "max_size": 4,
                # Seconds that a request waits for a free connection; then it fails. The default is 30.
                "timeout": 5,
            },
            # Who this is in pg_stat_activity: one name per kind of process, e.g. web, celery, cron.
            "application_name": os.environ.get("DB_APPLICATION_NAME", "web"),
            # Seconds until connecting fails.
            "connect_timeout": 5,
        },
    }
}
