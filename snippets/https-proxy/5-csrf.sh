# From anywhere: a form as a browser sends it, without its token. The answer is 403 either way; the log says why.
curl --silent --output /dev/null --write-out '%{http_code}\n' --header "Origin: https://example.com" \
    --data "" https://example.com/whoami/
