# Each pod in turn. With shareProcessNamespace process 1 is "pause": then put the server's process id there.
for POD in $(kubectl get pods --selector app=django --output name); do
    kubectl exec "$POD" -- python dump_stacks.py 1
    kubectl logs --since 1m "$POD"
done
