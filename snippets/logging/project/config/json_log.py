"""The formatter that logging.json names: one line of JSON per record, whoever logged it."""

from pythonjsonlogger.json import JsonFormatter

from config.request_id import VALID


class JsonLine(JsonFormatter):
    """Time, level, logger, id, message and process; the traceback of an error; the parts of an access line."""

    def __init__(self):
        super().__init__(
            ["levelname", "name", "request_id", "message", "process"],
            defaults={"time": None},  # only to have it in front
            timestamp="time",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
        )

    def add_fields(self, log_data, record, message_dict):
        super().add_fields(log_data, record, message_dict)
        # Django's record of an error holds the request, whose text would bring the query string along;
        # Uvicorn's records hold the message once more, with colors.
        log_data.pop("request", None)
        log_data.pop("color_message", None)
        if access := ACCESS.get(record.name):
            parts = access(record.args)
            log_data.update(parts, message="{method} {path} {status}".format_map(parts))


# What each server hands to its access logger. Without the query string: it may hold tokens and names.


def gunicorn(atoms):
    return {"method": atoms["m"], "path": atoms["U"], "status": int(atoms["s"]), "ms": atoms["M"]}


def uvicorn(arguments):
    _, method, path, _, status = arguments
    return {"method": method, "path": path.partition("?")[0], "status": status}


def hypercorn(atoms):
    return {"method": atoms["m"], "path": atoms["U"], "status": int(atoms["s"]), "ms": atoms["D"] // 1000}


def granian(atoms):
    # Granian writes its access log outside of the request's context. Its format asks for the header instead.
    sent = atoms.get("_h0", "")
    return {
        "request_id": sent if VALID.fullmatch(sent) else None,
        "method": atoms["method"],
        "path": atoms["path"],
        "status": atoms["status"],
        "ms": round(atoms["dt_ms"]),
    }


ACCESS = {
    "gunicorn.access": gunicorn,
    "uvicorn.access": uvicorn,
    "hypercorn.access": hypercorn,
    "granian.access": granian,
}
