# Before the first deploy.sh, and again when one of these files has changed.
kubectl apply --filename secret.yaml --filename ingress.yaml
