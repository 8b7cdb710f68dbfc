"""Fills the tables with the same data every time: manage.py fill --orders 1000000."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

PRODUCTS = 1000

# The newest order is a day old on 2026-01-02 and the others lie one minute apart, so that nothing depends on today.
STATEMENTS = [
    "TRUNCATE store_item, store_order, store_customer, store_product RESTART IDENTITY",
    """
    INSERT INTO store_product (name, price, description)
    SELECT 'product ' || n, 100 + n * 37 %% 9900, repeat(md5(n::text) || ' ', 60)
    FROM generate_series(1, %(products)s) AS n
    """,
    # One customer for ten orders.
    """
    INSERT INTO store_customer (name, email)
    SELECT 'Customer ' || n, 'Customer.' || n || '@' || (ARRAY['example.com', 'example.net', 'example.org'])[1 + n %% 3]
    FROM generate_series(1, greatest(%(orders)s / 10, 1)) AS n
    """,
    # One in a hundred is open, two are cancelled, the rest is shipped: spread over all dates.
    """
    INSERT INTO store_order (customer_id, status, placed_at)
    SELECT 1 + n * 7919 %% greatest(%(orders)s / 10, 1),
           CASE n * 31 %% 100 WHEN 0 THEN 'open' WHEN 1 THEN 'cancelled' WHEN 2 THEN 'cancelled' ELSE 'shipped' END,
           timestamptz '2026-01-01 00:00+00' - (%(orders)s - n) * interval '1 minute'
    FROM generate_series(1, %(orders)s::bigint) AS n
    """,
    # One to three lines each, two on average.
    """
    INSERT INTO store_item (order_id, product, price, quantity)
    SELECT o.n, p.name, p.price, 1 + o.n %% 4
    FROM generate_series(1, %(orders)s::bigint) AS o(n), generate_series(1, 3) AS line(n), store_product AS p
    WHERE line.n <= 1 + o.n %% 3 AND p.id = 1 + (o.n * 13 + line.n * 101) %% %(products)s
    """,
]


class Command(BaseCommand):
    """PostgreSQL only: the rows are made by the database itself."""

    help = "Replaces all customers, orders and products by generated ones."

    def add_arguments(self, parser):
        """How many orders; the rest follows from it."""
        parser.add_argument("--orders", type=int, default=100_000)

    def handle(self, *args, orders, **options):
        """Fill the tables, then let the database collect its statistics."""
        if connection.vendor != "postgresql":
            raise CommandError("fill needs PostgreSQL: set DB_NAME, DB_USER, DB_HOST and DB_PORT.")
        with transaction.atomic(), connection.cursor() as cursor:
            # Indexes and foreign keys are built once at the end instead of kept up row by row.
            dropped, restored = self.around(cursor)
            for statement in [*dropped, *STATEMENTS[:1]]:
                cursor.execute(statement)
            for statement in STATEMENTS[1:]:
                cursor.execute(statement, {"orders": orders, "products": PRODUCTS})
            for statement in restored:
                cursor.execute(statement)
        with connection.cursor() as cursor:
            # Statistics and the visibility map, as autovacuum would have made them by tomorrow.
            cursor.execute("VACUUM ANALYZE")

    def around(self, cursor):
        """Return the statements that drop foreign keys and indexes, and those that make them again (two lists of str)."""
        cursor.execute(
            "SELECT conrelid::regclass, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text LIKE 'store\\_%'"
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT quote_ident(indexname), indexdef FROM pg_indexes WHERE tablename LIKE 'store\\_%'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        indexes = cursor.fetchall()
        dropped = [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in keys]
        dropped += [f"DROP INDEX {name}" for name, _ in indexes]
        restored = [definition for _, definition in indexes]
        restored += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in keys]
        return dropped, restored
