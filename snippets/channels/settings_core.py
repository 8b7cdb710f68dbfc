CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # Without socket_timeout redis-py 8 gives up after 5 s of silence, and a WebSocket is closed.
            "hosts": [{"address": os.environ["CHANNEL_LAYER_URL"], "socket_timeout": None}],
            "prefix": "shop",
            # Seconds after which an open WebSocket no longer hears its groups: longer than any stays open.
            "group_expiry": 86400,
        },
    }
}
