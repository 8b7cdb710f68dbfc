# At the end of settings.py, below LOGGING.
def somebody_should_know(record):
    """False for what Python 3.14 logs when a request was cancelled and a thread of it noticed."""
    return not record.getMessage().startswith("CancelledError exception in shielded future")


LOGGING.setdefault("filters", {})["somebody_should_know"] = {"()": "django.utils.log.CallbackFilter", "callback": somebody_should_know}
LOGGING.setdefault("loggers", {}).setdefault("asyncio", {})["filters"] = ["somebody_should_know"]
