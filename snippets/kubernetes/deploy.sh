# New code: the image, the database, the pods, in this order.
# Each has to succeed before the next.
kubectl apply --filename config.yaml --filename service.yaml --filename pdb.yaml &&
    kubectl apply --filename migrate.yaml &&
    kubectl wait --for=condition=Complete --timeout=600s --filename migrate.yaml &&
    kubectl apply --filename deployment.yaml &&
    kubectl rollout status --timeout=300s deployment/django
