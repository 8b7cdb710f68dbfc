# Each pod in turn.
for POD in $(kubectl get pods --selector app=django --output name); do
    kubectl exec "$POD" -- python dump_stacks.py 1
    kubectl logs --since 1m "$POD"
done
