"""Wrong only when two requests overlap: both use the same `order`."""

order = {}


async def total(lines, currency, quote):
    order["lines"] = lines
    rate = await quote(currency)  # meanwhile another request may run
    return sum(order["lines"]) / rate
