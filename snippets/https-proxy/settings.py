# At the end of settings.py, when a proxy in front does HTTPS.

# Only when every request comes through a proxy that sets this header itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Left out on purpose:
# - USE_X_FORWARDED_HOST and _PORT: the proxy passes on the Host header itself.
# - CSRF_TRUSTED_ORIGINS: it is for forms on other sites that post here.
# - SECURE_SSL_REDIRECT: the proxy redirects.
