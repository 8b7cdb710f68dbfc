-- Who holds how many connections to this database, and for how long the quietest of them has been quiet.
SELECT application_name, state, count(*), date_trunc('second', max(now() - state_change)) AS longest
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
GROUP BY application_name, state
ORDER BY count(*) DESC, application_name;

-- How many the whole server has open, how many it takes, and how many of those are kept for superusers.
SELECT count(*) AS open,
    current_setting('max_connections') AS max_connections,
    current_setting('superuser_reserved_connections') AS reserved
FROM pg_stat_activity
WHERE backend_type = 'client backend';
