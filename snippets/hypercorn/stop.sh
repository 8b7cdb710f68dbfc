kill -TERM "$(cat hypercorn.pid)"
