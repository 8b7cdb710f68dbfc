hypercorn --config hypercorn.toml config.asgi:application
