# Not in the project's environment: py-spy only reads the memory of the process.
python3 -m venv ~/py-spy
~/py-spy/bin/pip install --requirement requirements.txt
# --subprocesses: the main process and all of its workers. sudo: reading another process needs it.
sudo ~/py-spy/bin/py-spy dump --subprocesses --pid "$(systemctl show --property MainPID --value gunicorn)"
