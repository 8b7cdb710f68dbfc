# Prints "HTTP/1.1 101 Switching Protocols" when WebSocket works; curl then waits in vain for a message.
curl --silent --include --max-time 2 --http1.1 \
    --header "Host: example.com" --header "Origin: https://example.com" \
    --header "Connection: Upgrade" --header "Upgrade: websocket" \
    --header "Sec-WebSocket-Version: 13" --header "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==" \
    http://127.0.0.1:8000/ws/echo/ | head -n 1
