# Asks a kept connection whether it still lives, once per request, and opens a new one if not.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
