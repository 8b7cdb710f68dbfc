# --- Time limits for PostgreSQL, at the end of settings.py ---

DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        # Seconds for each address that PostgreSQL may have. Without it a firewall that swallows packets costs minutes.
        "connect_timeout": 5,
        # Milliseconds for a single query, ended by PostgreSQL itself. Migrations may need more: give them their own settings.
        "options": "-c statement_timeout=15000",
    }
)
