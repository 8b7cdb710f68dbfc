"""Stand-ins for what a receipt costs: a mail server that takes its time, and a PDF that takes the CPU."""

import os

import httpx
from django.core.mail.backends.base import BaseEmailBackend

client = httpx.Client(timeout=30.0)


class Waits(BaseEmailBackend):
    """The partner plays the mail server."""

    def send_messages(self, messages):
        """Wait for the partner, once for each mail; return their number. Raises OSError, as smtplib does."""
        for message in messages:
            try:
                answer = client.get(f"{os.environ['PARTNER_URL']}/wait", params={"ms": 50, "mail": message.body})
                answer.raise_for_status()
            except httpx.HTTPError as error:
                raise OSError(str(error)) from error
        return len(messages)


class Computes(BaseEmailBackend):
    """Arithmetic plays the PDF."""

    def send_messages(self, messages):
        """Compute, once for each mail; return their number."""
        for _ in messages:
            sum(number * number for number in range(400_000))
        return len(messages)
