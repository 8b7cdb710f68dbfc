daphne --bind 127.0.0.1 --port 8000 --verbosity 0 config.asgi:application
