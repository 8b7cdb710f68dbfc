"""Settings under which the samples run: SQLite in memory and nothing that they do not need."""

SECRET_KEY = "only for the samples"
INSTALLED_APPS = ["store"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEFAULT_FROM_EMAIL = "shop@example.com"
USE_TZ = True
EMAIL_TIMEOUT = 10  # seconds; the default is to wait without end
