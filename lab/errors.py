"""The one exception of the lab that is meant for people."""


class LabError(Exception):
    """Says in one sentence what is wrong and what to do. Command lines print it without a traceback."""
