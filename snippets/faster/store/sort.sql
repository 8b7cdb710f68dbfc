-- All lines by product, as for a report: first with 4 MB for a sort, which is the default, then with 64 MB.
SET max_parallel_workers_per_gather = 0;
SET work_mem = '4MB';
EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM store_item ORDER BY product;
SET work_mem = '64MB';
EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM store_item ORDER BY product;
