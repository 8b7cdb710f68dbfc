// The arithmetic of the sizing calculator: numbers in, numbers out, no DOM. Times are seconds, memory is MiB, rates are requests per second.
// overrides/hooks/sizing.py has the same formulas for the figures that stand in the page; tests/tools/test_sizing.py holds the two equal.
//
// A replica is a closed network with as many places as it has slots (processes × threads): a request in a slot computes or waits.
// Any number may wait; at most `computers()` compute. What such a network gets done with n requests inside (`rates()`) is the rate at
// which a line with arrivals from outside is served (`line()`). Without computing that line is Erlang's C formula.

/** The largest load (share of the throughput possible) that gets no warning. */
export const BUSY = .7
/** The largest share of the memory that gets no warning. */
export const FULL = .9

/**
 * How many requests of a replica can compute at once: CPUs, and for the part in Python one per process (GIL).
 * `python` and `database` are the seconds of one request in Python, and in a database on the same CPUs.
 */
export function computers(cpus, processes, python, database = 0) {
  return python > 0 ? Math.min(cpus, processes * (python + database) / python) : cpus
}

/**
 * Requests per second with 1, 2, … `most` of them inside, as a list: each waits `wait` seconds without a CPU and computes `busy` seconds,
 * of which `servers` at once (any number above 0: half a CPU computes half as fast).
 *
 * Gordon and Newell's closed network of one delay and one station: G(n) = Σ f(k)·wⁿ⁻ᵏ/(n−k)!, f(k) = Π busy/min(i, servers), and X(n) = G(n−1)/G(n).
 * From ⌈servers⌉ on f is a geometric series, so that its sum (`tail`) goes from one n to the next. G(n−1) counts as 1 in every round.
 */
export function rates(most, wait, busy, servers) {
  const unit = wait + busy
  const first = Math.max(1, Math.ceil(servers))
  const factors = [1] // f(0) … f(first)
  for (let k = 1; k <= first; k++) factors.push(factors[k - 1] * (busy / unit) / Math.min(k, servers))
  let delays = [1] // w⁰/0!, the newest first
  let tail = 0
  const found = []
  for (let n = 1; n <= most; n++) {
    delays.unshift(delays[0] * (wait / unit) / n)
    delays.length = Math.min(delays.length, first + 1)
    tail *= busy / unit / servers
    if (n >= first) tail += factors[first] * delays[first]
    let all = tail
    for (let k = 0; k < first && k <= n; k++) all += factors[k] * delays[k]
    found.push(1 / all / unit)
    delays = delays.map(value => value / all)
    tail /= all
  }
  return found
}

/**
 * Arrivals from outside, at random (Poisson), `arrival` per second, served as `rate` says (`rates()`; its length is the number of slots).
 * Returns null where they are too many, else
 * {queued: share that finds no free slot, wait: mean seconds in line, wait95: seconds in line that 5 % exceed, busy: slots in use on average,
 * response: mean seconds from arrival to answer}.
 */
export function line(arrival, rate) {
  const slots = rate.length
  const most = rate[slots - 1]
  if (arrival >= most) return null
  let term = 1 // how likely n requests are, relative to each other
  let sum = 1
  let inside = 0
  for (let n = 1; n <= slots; n++) {
    term *= arrival / rate[n - 1]
    sum += term
    inside += n * term
    if (term > 1e100) [term, sum, inside] = [1, sum / term, inside / term]
  }
  const load = arrival / most
  const beyond = term * load / (1 - load) // all states with a line
  const all = sum + beyond
  const queued = (term + beyond) / all
  const wait = beyond / (1 - load) / all / arrival
  const busy = (inside + slots * beyond) / all
  const wait95 = queued > .05 ? Math.log(queued / .05) / (most - arrival) : 0
  return {queued, wait, wait95, busy, response: busy / arrival + wait}
}

/** Slots in use on average, when `clients` kept connections have been dealt out to processes at random and a process uses `threads` of its own at most. */
export function dealt(clients, processes, threads) {
  if (processes === 1) return Math.min(clients, threads)
  let chance = (1 - 1 / processes) ** clients // of no connection, then of one, …
  let mean = 0
  for (let k = 0; k <= clients; k++) {
    mean += Math.min(k, threads) * chance
    chance *= (clients - k) / (k + 1) / (processes - 1)
  }
  return processes * mean
}

/** Requests per second of `clients` that each send their next request when the answer is there. Between whole numbers of slots in use: a straight line. */
export function closed({clients, processes, threads, cpus, wait, python, database = 0}) {
  const used = dealt(clients, processes, threads)
  const whole = Math.max(1, Math.ceil(used))
  const rate = rates(whole, wait, python + database, computers(cpus, processes, python, database))
  const below = whole > 1 ? rate[whole - 2] : 0
  return below + (rate[whole - 1] - below) * (used - whole + 1)
}

/** MiB of one replica: the main process, and for each process its own and something for each thread. */
export function memory({processes, threads, worker_mb, main_mb, thread_mb}) {
  return main_mb + processes * (worker_mb + threads * thread_mb)
}

/** The most database connections of all replicas: a pool's size, or one for each request at once. Kept connections under ASGI have no limit. */
export function connections({interface: kept, replicas, processes, threads, connections: kind, pool, databases}) {
  if (kept === "asgi" && kind === "age") return Infinity
  return replicas * processes * databases * (kind === "pool" ? pool : threads)
}

/** The same during a deploy, when some of the replicas or workers are there twice. */
export function connectionsOfDeploy(state) {
  const used = connections(state)
  return used === Infinity ? used : used + Math.ceil(used * state.surge / 100)
}

/** Connections that are left for the replicas; below 0 where others have more than there are. */
export function connectionsLeft({limit, reserved, others}) {
  return limit - reserved - others
}

/** Everything that follows from a state. Figures of the line are null where more arrives than gets done. */
export function evaluate(state) {
  const {replicas, processes, threads, cpus} = state
  const [python, database, wait] = [state.compute_ms / 1000, state.database_ms / 1000, state.wait_ms / 1000]
  const busy = python + database
  const servers = computers(cpus, processes, python, database)
  const rate = rates(processes * threads, wait, busy, servers)
  const shared = line(state.arrival / replicas, rate)
  // The other end: connections stay with their process, and each process has a line and a share of the CPUs of its own.
  const apart = line(state.arrival / replicas / processes, rates(threads, wait, busy, computers(cpus / processes, 1, python, database)))
  const most = rate.at(-1) * replicas
  return {
    slots: replicas * processes * threads,
    service: busy + wait,
    most,
    bound_slots: replicas * processes * threads / (busy + wait),
    bound_cpu: replicas * servers / busy,
    load: state.arrival / most,
    load_cpu: state.arrival * busy / (replicas * cpus),
    load_slots: shared && shared.busy / (processes * threads),
    inside: shared && shared.busy * replicas,
    queued: shared && shared.queued,
    wait: shared && shared.wait,
    wait95: shared && shared.wait95,
    response: shared && shared.response,
    wait_apart: apart && apart.wait,
    response_apart: apart && apart.response,
    memory: memory(state),
    connections: connections(state),
    connections_deploy: connectionsOfDeploy(state),
    connections_left: connectionsLeft(state),
    drain: Math.min(state.longest, state.graceful, state.grace),
    drain_all: Math.min(state.longest, state.graceful, state.grace) * replicas,
  }
}

/** What to be warned of, as [{id, …values for its text}], the most urgent first. The texts and the levels are in docs/tools/sizing.yml. */
export function warnings(state, result = evaluate(state)) {
  const found = []
  const warn = (id, condition, values = {}) => condition && found.push({id, ...values})
  const left = result.connections_left
  warn("overload", result.load >= 1, {arrival: state.arrival, most: result.most})
  warn("memory-over", result.memory > state.memory_mb, {memory: result.memory, memory_mb: state.memory_mb})
  const leak = state.interface === "asgi" && state.connections === "age"
  warn("age-asgi", leak)
  warn("connections-over", !leak && result.connections > left, {used: result.connections, left})
  warn("connections-deploy", result.connections <= left && result.connections_deploy > left, {used: result.connections_deploy, left})
  warn("grace-short", state.longest > Math.min(state.graceful, state.grace), {longest: state.longest, given: Math.min(state.graceful, state.grace)})
  warn("grace-order", state.grace <= state.graceful, {graceful: state.graceful, grace: state.grace})
  warn("longest-proxy", state.longest >= state.proxy, {longest: state.longest, given: state.proxy})
  warn("longest-worker", state.worker > 0 && state.longest >= state.worker, {longest: state.longest, given: state.worker})
  const chain = ["balancer", "proxy", "worker", "statement"].filter(name => state[name] > 0)
  chain.slice(1).forEach((inner, at) => warn("order", state[chain[at]] <= state[inner], {outer: chain[at], inner, outer_seconds: state[chain[at]], inner_seconds: state[inner]}))
  warn("one-process", state.probe === "yes" && state.processes === 1)
  warn("busy-cpu", result.load < 1 && result.load_cpu > BUSY, {load: result.load_cpu})
  warn("busy", result.load < 1 && result.load > BUSY && result.load_cpu <= BUSY, {load: result.load})
  warn("memory-tight", result.memory > FULL * state.memory_mb && result.memory <= state.memory_mb, {memory: result.memory, memory_mb: state.memory_mb})
  const many = state.processes > Math.max(2, Math.ceil(state.cpus))
  const computes = state.compute_ms > state.wait_ms + state.database_ms
  warn("processes", many && (computes || state.threads > 1), {processes: state.processes, cpus: state.cpus})
  warn("statement-none", state.statement === 0)
  warn("asgi-no-pool", state.interface === "asgi" && state.connections === "age-0")
  warn("asgi-computes", state.interface === "asgi" && computes)
  warn("threads-compute", state.interface === "wsgi" && state.threads > 4 && computes, {threads: state.threads})
  // Slots of ASGI are a limit that few requests reach; threads of WSGI are there to be used.
  warn("pool-small", state.interface === "wsgi" && state.connections === "pool" && state.pool < state.threads, {pool: state.pool, threads: state.threads})
  return found
}

/** Timeouts in the right order, each as it was or moved by as little as that takes; `most` is the longest of all. What is not there stays so, but for the query's. */
function chain(state, most) {
  const longest = Math.ceil(state.longest)
  const worker = state.worker && Math.min(Math.max(state.worker, longest + 1), most - 2)
  const proxy = Math.min(Math.max(state.proxy, longest + 1, worker + 1), most - 1)
  const graceful = Math.min(Math.max(state.graceful, longest), most - 5)
  return {
    worker, proxy, graceful,
    balancer: state.balancer && Math.max(state.balancer, proxy + 1),
    statement: Math.min(state.statement || longest, (worker || proxy) - 1),
    grace: Math.max(state.grace, graceful + 5),
  }
}

/** The smallest number from `low` to `high` for which `good` holds, or null; `good` stays true once it is. */
function smallest(low, high, good) {
  if (high < low || !good(high)) return null
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (good(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * From a target to a configuration: the fewest replicas, then the fewest threads, with which `state.arrival` requests per second are answered within
 * `state.target_ms` on average at a load of at most `state.load` per cent, in the memory and the connections there are. Processes are as many as CPUs.
 * `most` says how far replicas, processes, threads, slots of a replica and the pool may go.
 * Returns {state} or {reason: "time" | "memory" | "connections" | "replicas"}.
 */
export function configure(state, most) {
  const service = state.compute_ms + state.database_ms + state.wait_ms
  if (state.target_ms <= service) return {reason: "time", service}
  const room = FULL * state.memory_mb - state.main_mb
  const fitting = Math.min(most.processes, Math.floor(room / (state.worker_mb + state.thread_mb)))
  if (fitting < 1) return {reason: "memory"}
  const processes = Math.min(fitting, Math.max(Math.ceil(state.cpus), state.probe === "yes" ? 2 : 1))
  const memoryThreads = Math.floor((room / processes - state.worker_mb) / Math.max(state.thread_mb, 1e-9))
  const threads = Math.max(1, Math.min(most.threads, memoryThreads, Math.floor(most.slots / processes)))
  const at = (replicas, count) => ({...state, ...chain(state, most.balancer), replicas, processes, threads: count})
  const good = candidate => {
    const result = evaluate(candidate)
    return result.load <= state.load / 100 && result.response !== null && result.response * 1000 <= state.target_ms
  }
  // More replicas and more threads never make it slower, so both are found by halving.
  const replicas = smallest(1, most.replicas, count => good(at(count, threads)))
  if (replicas === null) return {reason: "replicas"}
  const number = smallest(1, threads, count => good(at(replicas, count)))
  const fits = candidate => connectionsOfDeploy(candidate) <= connectionsLeft(candidate)
  const plain = {...at(replicas, number), connections: state.interface === "asgi" ? "pool" : state.connections}
  if (plain.connections !== "pool" && fits(plain)) return {state: plain}
  // A pool as large as the requests at once, or smaller where the database has no more: then some of them wait for a connection.
  for (let pool = Math.min(number, most.pool); pool >= 1; pool--) {
    const candidate = {...plain, connections: "pool", pool}
    if (fits(candidate)) return {state: candidate}
  }
  return {reason: "connections"}
}
