# --- Logging, at the end of settings.py ---

import json
import logging

# First, so that the middleware below it logs with the id, too.
MIDDLEWARE = ["config.request_id.middleware", *MIDDLEWARE]

# The server reads the same file, so that its own lines look the same.
LOGGING = json.loads((BASE_DIR / "logging.json").read_text())

# Warnings of Python and Django would otherwise go to standard error, as text.
logging.captureWarnings(True)
