curl --fail --silent --show-error --unix-socket /run/django/app.sock --header "Host: example.com" http://localhost/healthz/
