"""Business code: knows nothing about requests. The async functions do the same work as the sync ones."""

PRICES = {"cup": 1200, "sencha": 980, "tin": 650}

# The pot has left the price list, and nobody told the cart: see the checkout views.
CART = [{"sku": "sencha", "quantity": 2}, {"sku": "pot", "quantity": 1}]


def cart_total(cart):
    total = 0
    for line in cart:
        total += line_total(line)
    return total


def line_total(line):
    return unit_price(line["sku"]) * line["quantity"]


def unit_price(sku):
    return PRICES[sku]


async def acart_total(cart):
    total = 0
    for line in cart:
        total += await aline_total(line)
    return total


async def aline_total(line):
    return await aunit_price(line["sku"]) * line["quantity"]


async def aunit_price(sku):
    return PRICES[sku]
