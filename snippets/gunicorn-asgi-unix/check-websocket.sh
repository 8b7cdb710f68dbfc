# Prints "HTTP/1.1 101 Switching Protocols" when WebSocket works; curl then waits in vain for a message.
curl --unix-socket /run/django/app.sock --silent --include --max-time 2 --http1.1 \
    --header "Host: example.com" --header "Origin: https://example.com" \
    --header "Connection: Upgrade" --header "Upgrade: websocket" \
    --header "Sec-WebSocket-Version: 13" --header "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==" \
    http://localhost/ws/echo/ | head -n 1
