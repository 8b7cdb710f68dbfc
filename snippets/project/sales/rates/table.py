"""Third level: exchange rates, from a table in the code. The other modules of this folder have them from elsewhere."""

RATES = {"EUR": 163, "USD": 151}


def lookup(currency):
    return RATES[currency]
