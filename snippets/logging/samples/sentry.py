# --- Sentry, at the end of settings.py ---

import os

import sentry_sdk

from config.request_id import current


def with_request_id(event, hint):
    """Lets an error in Sentry be found in the log, and the other way round."""
    if current.get():
        event.setdefault("tags", {})["request_id"] = current.get()
    return event


# Without SENTRY_DSN nothing is sent. Names, addresses and cookies of users stay at home.
sentry_sdk.init(dsn=os.environ.get("SENTRY_DSN"), send_default_pii=False, before_send=with_request_id)
