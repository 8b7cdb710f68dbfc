waitress-serve --listen=127.0.0.1:8000 \
    --threads=8 \
    --trusted-proxy=127.0.0.1 \
    --trusted-proxy-headers="x-forwarded-for x-forwarded-proto" \
    config.wsgi:application
