"""Calls to other services, with an end to the waiting."""
