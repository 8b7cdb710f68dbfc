# On the host of the server: the request as the proxy should send it.
curl --fail --silent --show-error --header "Host: example.com" \
    --header "X-Forwarded-Proto: https" --header "X-Forwarded-For: 203.0.113.9" \
    http://127.0.0.1:8000/whoami/
