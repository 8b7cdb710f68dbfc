"""A shop small enough to read in a minute: customers, orders and what was ordered."""
