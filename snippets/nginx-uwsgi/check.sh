curl --fail --silent --show-error https://example.com/healthz/
