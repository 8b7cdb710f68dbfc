"""One page for each place where the time of a request can go."""

import time

from django.db.models import Count
from django.http import HttpResponse
from django.utils.html import format_html, format_html_join

from store.models import Order


def computing(request):
    """The CPU."""
    total = sum(number * number for number in range(1_500_000))
    return HttpResponse(str(total))


def waiting(request):
    """Another service: nobody works here meanwhile."""
    time.sleep(0.2)
    return HttpResponse("done")


def slow_query(request):
    """The database, once: it reads the whole table."""
    customers = Order.objects.aggregate(customers=Count("customer", distinct=True))
    return HttpResponse(str(customers["customers"]))


def order_list(request):
    """The database, again and again: one query for the orders and one for the customer of each (N+1)."""
    orders = Order.objects.order_by("-pk")[:20]
    rows = format_html_join("", "<li>{} {}</li>", ((order.pk, order.customer.name) for order in orders))
    return HttpResponse(format_html("<html><body><ul>{}</ul></body></html>", rows))
