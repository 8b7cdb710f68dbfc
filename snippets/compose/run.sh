# One container by itself, reachable from this host only. It gets
# 40 s to stop: longer than graceful_timeout.
docker run --detach --name shop --env-file .env --init --read-only --tmpfs /tmp \
    --stop-timeout 40 --restart unless-stopped --publish 127.0.0.1:8000:8000 shop
