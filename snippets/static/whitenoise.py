# --- Static files, at the end of settings.py ---

# WhiteNoise serves STATIC_ROOT from within Django. Directly below the security middleware, above everything else.
MIDDLEWARE.insert(
    MIDDLEWARE.index("django.middleware.security.SecurityMiddleware") + 1,
    "whitenoise.middleware.WhiteNoiseMiddleware",
)

# Names with a hash, and a compressed file (.gz) beside each file that gets smaller.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
