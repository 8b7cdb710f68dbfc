# "shop" is the name of the container. Its main process is process 1 there.
docker exec shop python dump_stacks.py 1
docker logs --since 1m shop
