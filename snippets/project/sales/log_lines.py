"""A formatter that puts time, level and request id in front of every line, those of tracebacks too."""

import logging


class EveryLine(logging.Formatter):
    """Whoever searches the log for an id finds the whole traceback, not only its first line."""

    def format(self, record):
        text = super().format(record)
        prefix = f"{self.formatTime(record)} {record.levelname} {record.request_id or '-'} | "
        return "\n".join(prefix + line for line in text.splitlines())
