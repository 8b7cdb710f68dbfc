supervisord --nodaemon --configuration supervisord.conf
