kill -WINCH "$(cat /run/django/apache/httpd.pid)"
