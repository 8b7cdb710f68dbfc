"""Searches that an ordinary index on the column does not help."""

from store.models import Customer, Order


def by_email(email):
    """Return customers by address, however it is capitalized (queryset): compares UPPER(email)."""
    return Customer.objects.filter(email__iexact=email)


def by_part(text):
    """Return customers by a part of their address (queryset): a wildcard comes first."""
    return Customer.objects.filter(email__contains=text)


def shipped():
    """Return the orders that are done (queryset): nearly all there are."""
    return Order.objects.filter(status="shipped")
