"""What a request can spend its time on."""

import time

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render

from store.models import Order


def empty(request):
    """Nothing at all: what is left is the server and Django's way to the view."""
    return HttpResponse("ok\n")


def page(request):
    """A real page: fifty orders in two queries, and a template."""
    orders = Order.objects.select_related("customer").prefetch_related("items").order_by("-pk")[:50]
    return render(request, "waiting/page.html", {"orders": orders})


def cpu(request):
    """Python that computes for a few milliseconds, the same amount every time."""
    total = 0
    for number in range(50_000):
        total += number * number % 7
    return HttpResponse(f"{total}\n")


def database(request):
    """One query that keeps the database busy for longer than Python: a sum over 10,000 orders."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, count(*), sum(extract(epoch FROM placed_at)) FROM store_order WHERE id <= 10000 GROUP BY status"
        )
        return HttpResponse(f"{len(cursor.fetchall())}\n")


def wait(request):
    """A wait for something outside, as long as `ms` of the query says: neither CPU nor database."""
    time.sleep(int(request.GET.get("ms", 50)) / 1000)
    return HttpResponse("ok\n")
