# Beside manage.py. "gunicorn" is the name of the unit.
cd /srv/django
sudo .venv/bin/python dump_stacks.py "$(systemctl show --property MainPID --value gunicorn)"
journalctl --unit gunicorn --since "1 minute ago" --output cat
