"""Settings of the shop. Everything that differs between machines comes from the environment."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def env_flag(name):
    """True when the environment variable is "1"; anything else, or nothing, is False."""
    return os.environ.get(name) == "1"


# --8<-- [start:hosts]
# No default for the secret: a server without one should fail at its start, not at the first login.
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = env_flag("DJANGO_DEBUG")
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")
# --8<-- [end:hosts]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "channels",
    "shop",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    },
]

# --8<-- [start:database]
if os.environ.get("DB_NAME"):
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["DB_NAME"],
            "USER": os.environ.get("DB_USER", ""),
            "PASSWORD": os.environ.get("DB_PASSWORD", ""),
            "HOST": os.environ.get("DB_HOST", ""),
            "PORT": os.environ.get("DB_PORT", ""),
            # Under ASGI leave it at 0: a connection that stays open is one that no later request finds again.
            "CONN_MAX_AGE": int(os.environ.get("DB_CONN_MAX_AGE", "0")),
        }
    }
    if os.environ.get("DB_POOL_SIZE"):
        # Per process: two workers with a pool of 4 hold up to 8 connections. CONN_MAX_AGE has to be 0.
        DATABASES["default"]["OPTIONS"] = {
            "pool": {"min_size": 1, "max_size": int(os.environ["DB_POOL_SIZE"])},
        }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": BASE_DIR / "db.sqlite3",
        }
    }
# --8<-- [end:database]

# --8<-- [start:channels]
# Without a channel layer group_send() fails; one in memory does not reach the other processes.
if os.environ.get("CHANNEL_LAYER_URL"):
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # The prefix keeps sites apart that share a Redis: the number of the database does not.
            "CONFIG": {"hosts": [os.environ["CHANNEL_LAYER_URL"]], "prefix": "shop"},
        }
    }
# --8<-- [end:channels]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
# Django also sets the TZ of each worker from this, so log lines of the workers follow it.
TIME_ZONE = os.environ.get("DJANGO_TIME_ZONE", "Asia/Tokyo")

# --8<-- [start:static]
STATIC_URL = "/static/"
# Filled by collectstatic, served by nginx. Never a folder with files of your own: those belong into STATICFILES_DIRS.
STATIC_ROOT = BASE_DIR / "staticfiles"
# --8<-- [end:static]

# --8<-- [start:security]
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True  # sessions come with the admin and with any login
SECURE_HSTS_SECONDS = 3600  # raise it once HTTPS has proved itself
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: they are not all ours
    "security.W008",  # redirect to HTTPS: nginx does it
    "security.W021",  # HSTS preload: not asked for
]
# --8<-- [end:security]

# --8<-- [start:proxy]
# Only when every request comes through a proxy that sets this header itself.
# Otherwise anybody can claim to have come by HTTPS.
if env_flag("DJANGO_BEHIND_HTTPS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# --8<-- [end:proxy]

# --8<-- [start:logging]
# With DEBUG=False Django's own configuration writes no traceback to the console: it only sends mail to ADMINS.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(process)d] %(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}
# --8<-- [end:logging]

if env_flag("DJANGO_DEFAULT_LOGGING"):
    LOGGING = {}  # for measuring what Django does when a project says nothing
