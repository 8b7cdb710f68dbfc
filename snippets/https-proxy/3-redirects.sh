# From anywhere: how often a visitor who types the name is redirected, and where it ends.
curl --silent --location --max-redirs 10 --output /dev/null \
    --write-out '%{http_code}, %{num_redirects} redirects, %{url_effective}\n' \
    http://example.com/
