# By the Service and past the ingress, with a Host from ALLOWED_HOSTS.
kubectl run check --rm --stdin --restart=Never --image=curlimages/curl --quiet -- \
    curl --fail --silent --show-error --header "Host: example.com" http://django/healthz/
