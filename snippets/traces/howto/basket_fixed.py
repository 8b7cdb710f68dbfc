"""Nothing that belongs to one request is kept outside of it."""


async def total(lines, currency, quote):
    rate = await quote(currency)
    return sum(lines) / rate
