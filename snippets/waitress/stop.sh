# SIGINT, as Ctrl+C does: requests in flight get 5 seconds. SIGTERM would cut them.
kill -INT "$(pgrep -o -f 'waitress-serve --listen=127.0.0.1:8000')"
