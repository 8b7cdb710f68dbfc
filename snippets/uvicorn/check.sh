curl --fail --silent --show-error --header "Host: example.com" http://127.0.0.1:8000/healthz/
