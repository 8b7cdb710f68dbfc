# As root, with the unit in /etc/systemd/system: starts the service now and at each boot.
systemctl daemon-reload
systemctl enable --now gunicorn
systemctl status gunicorn
