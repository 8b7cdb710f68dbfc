"""First level of the business code: an order. Knows nothing about requests."""

from asgiref.sync import async_to_sync

from . import pricing
from .rates import table

CART = {"currency": "EUR", "lines": [{"sku": "sencha", "price": 980, "quantity": 2}]}
# Nobody has told the rates about this currency: the bug of the five-fold example.
CART_CHF = {**CART, "currency": "CHF"}


def checkout(cart, lookup=table.lookup):
    return {"total": pricing.total(cart["lines"], cart["currency"], lookup)}


async def acheckout(cart, lookup):
    return {"total": await pricing.atotal(cart["lines"], cart["currency"], lookup)}


def checkout_both_ways(cart):
    """Sync code that calls async code that calls sync code: two more boundaries."""
    return {"total": async_to_sync(pricing.atotal_both_ways)(cart["lines"], cart["currency"])}
