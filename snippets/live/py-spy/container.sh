# From the host, without a change to the container: its main process as the host sees it.
sudo ~/py-spy/bin/py-spy dump --subprocesses --pid "$(docker inspect --format '{{.State.Pid}}' shop)"
