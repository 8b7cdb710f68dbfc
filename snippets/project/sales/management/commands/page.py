"""python manage.py page PATH: the page at an address, asked without a server, with its escapes as a browser shows them."""

from html import unescape

from django.conf import settings
from django.core.management.base import BaseCommand
from django.test import Client


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("path")

    def handle(self, *args, **options):
        response = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0]).get(options["path"])
        print(unescape(response.content.decode()), end="", flush=True)
