# --- Uploads, at the end of settings.py ---

MEDIA_URL = "/media/"
# Written by the application while it runs: never below BASE_DIR, which a release replaces, nor STATIC_ROOT. Back it up.
MEDIA_ROOT = os.environ.get("DJANGO_MEDIA_ROOT", "/var/lib/django/media")
