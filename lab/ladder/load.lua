-- wrk's clients stop asking after so many seconds and wait for their last answer: what a load of a fixed time cuts off is a
-- tenth of all requests where ten fit into it. The rate is answers per second until the moment after that time at which it
-- was highest: what was under way counts, and that some clients wait longer than others for their last answer does not.
-- What was measured is one line of JSON; times are microseconds.
local ffi = require("ffi")
ffi.cdef("typedef struct {long seconds; long nanoseconds;} moment; int clock_gettime(int, moment *);")
local clock, threads = ffi.new("moment"), {}

local function now()
  ffi.C.clock_gettime(0, clock)
  return tonumber(clock.seconds) * 1e6 + tonumber(clock.nanoseconds) / 1e3
end

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  time, clients = tonumber(arguments[1]) * 1e6, tonumber(arguments[2])
  answers, finished, rate = -clients, 0, 0  -- the first calls of delay() are before any answer
end

-- Called whenever a client could ask; returns the milliseconds it shall wait first.
function delay()
  local moment = now()
  first = first or moment
  local passed = moment - first
  answers = answers + 1
  if passed < time then return 0 end
  rate = math.max(rate, answers / passed * 1e6)
  finished = finished + 1
  if finished == clients then
    print("finished")
    io.flush()
    wrk.thread:stop()  -- by itself it looks ten times a second whether it shall
  end
  return 3600000
end

function done(summary, latency, requests)
  local thread, errors = threads[1], summary.errors
  local whole = thread:get("finished") == thread:get("clients")
  print(string.format(
    '{"requests": %d, "rate": %f, "status": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d, "mean": %f, "p50": %d, "p95": %d}',
    summary.requests, whole and thread:get("rate") or summary.requests / summary.duration * 1e6, errors.status, errors.connect, errors.read,
    errors.write, errors.timeout, latency.mean, latency:percentile(50), latency:percentile(95)))
end
