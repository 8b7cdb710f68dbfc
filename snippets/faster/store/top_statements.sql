-- Where the database's time goes: statements of the same shape together, the largest total first.
SELECT calls,
    round(total_exec_time::numeric, 1) AS total_ms,
    round(mean_exec_time::numeric, 2) AS mean_ms,
    rows,
    left(regexp_replace(query, '^SELECT .* FROM', 'SELECT … FROM'), 80) AS query
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY total_exec_time DESC
LIMIT 8;
