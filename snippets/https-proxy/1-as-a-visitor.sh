# From anywhere: what Django sees of a request as a browser sends it.
curl --fail --silent --show-error https://example.com/whoami/
