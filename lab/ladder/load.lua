-- wrk's clients stop asking after so many seconds and wait for their last answer: the requests that a load of a fixed time
-- would cut off are a tenth of all where ten fit into it. What was measured is one line of JSON; times are microseconds.
local ffi = require("ffi")
ffi.cdef("typedef struct {long seconds; long nanoseconds;} moment; int clock_gettime(int, moment *);")
local moment, threads = ffi.new("moment"), {}

local function now()
  ffi.C.clock_gettime(0, moment)
  return tonumber(moment.seconds) * 1e6 + tonumber(moment.nanoseconds) / 1e3
end

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  time, clients, finished = tonumber(arguments[1]) * 1e6, tonumber(arguments[2]), 0
end

-- Called whenever a client could ask; returns the milliseconds it shall wait first.
function delay()
  last = now()
  first = first or last
  if last < first + time then return 0 end
  finished = finished + 1
  if finished == clients then
    print("finished")
    io.flush()
  end
  return 3600000
end

function done(summary, latency, requests)
  local thread, errors = threads[1], summary.errors
  local whole = thread:get("finished") == thread:get("clients")
  print(string.format(
    '{"requests": %d, "duration": %d, "status": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d, "mean": %f, "p50": %d, "p95": %d}',
    summary.requests, whole and thread:get("last") - thread:get("first") or summary.duration, errors.status, errors.connect, errors.read, errors.write, errors.timeout,
    latency.mean, latency:percentile(50), latency:percentile(95)))
end
