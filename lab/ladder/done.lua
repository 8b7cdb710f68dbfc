-- What wrk measured, as one line of JSON. Times are microseconds.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "duration": %d, "status": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d, "mean": %f, "p50": %d, "p95": %d, "p99": %d}\n',
    summary.requests, summary.duration, errors.status, errors.connect, errors.read, errors.write, errors.timeout,
    latency.mean, latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
