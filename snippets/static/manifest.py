# --- Static files, at the end of settings.py ---

# collectstatic writes each file a second time, with a hash of its content in the name: shop.css, shop.3f2a….css.
# {% static %} gives the name with the hash, so that browsers may keep it for a year.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
