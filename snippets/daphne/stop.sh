# Daphne writes no pid file: it is looked for by the beginning of its command line.
kill -TERM "$(pgrep -o -f 'daphne --bind 127.0.0.1 --port 8000')"
