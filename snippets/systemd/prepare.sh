# As root, once, in the folder that holds django.env.
useradd --system --home-dir /srv/django --shell /usr/sbin/nologin django
install --directory --owner=django --mode=0700 /etc/django
install --owner=django --mode=0400 django.env /etc/django/django.env
