# From anywhere: a visitor who claims to be somebody else. None of it may arrive.
curl --fail --silent --show-error --header "X-Forwarded-Proto: http" --header "X-Forwarded-For: 203.0.113.9" \
    --header "X-Forwarded-Host: elsewhere.example" \
    https://example.com/whoami/
