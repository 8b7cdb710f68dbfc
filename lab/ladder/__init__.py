"""The ladder of /faster/, measured: one module per step, each with its QUESTIONS; `scripts/ladder` asks them."""
