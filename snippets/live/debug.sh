# For one start, not for good.
PYTHONASYNCIODEBUG=1 uvicorn config.asgi:application --host 127.0.0.1 --port 8000 --lifespan off
