"""The formulas of the sizing calculator, for the figures that stand in its page without JavaScript.

The same as `docs/assets/javascripts/sizing/model.js`, which explains them; `tests/tools/test_sizing.py` holds the two equal. Times
are seconds, memory is MiB, rates are requests per second.
"""

import math


def computers(cpus: float, processes: int, python: float, database: float = 0) -> float:
    """How many requests of a replica can compute at once."""
    return min(cpus, processes * (python + database) / python) if python > 0 else cpus


def rates(most: int, wait: float, busy: float, servers: float) -> list[float]:
    """Requests per second with 1, 2, … `most` of them inside: each waits `wait` and computes `busy` seconds, of which `servers` at once."""
    unit = wait + busy
    first = max(1, math.ceil(servers))
    factors = [1.0]
    for k in range(1, first + 1):
        factors.append(factors[-1] * (busy / unit) / min(k, servers))
    delays, tail, found = [1.0], 0.0, []
    for n in range(1, most + 1):
        delays = [delays[0] * (wait / unit) / n, *delays][: first + 1]
        tail *= busy / unit / servers
        if n >= first:
            tail += factors[first] * delays[first]
        whole = tail + sum(factor * delay for factor, delay in zip(factors[:first], delays))
        found.append(1 / whole / unit)
        delays, tail = [delay / whole for delay in delays], tail / whole
    return found


def line(arrival: float, rate: list[float]) -> dict | None:
    """Arrivals at random, served as `rate` says; None where they are too many."""
    slots, most = len(rate), rate[-1]
    if arrival >= most:
        return None
    term, total, inside = 1.0, 1.0, 0.0
    for n, served in enumerate(rate, 1):
        term *= arrival / served
        total += term
        inside += n * term
        if term > 1e100:
            term, total, inside = 1.0, total / term, inside / term
    load = arrival / most
    beyond = term * load / (1 - load)
    whole = total + beyond
    queued, wait, busy = (term + beyond) / whole, beyond / (1 - load) / whole / arrival, (inside + slots * beyond) / whole
    return {
        "queued": queued, "wait": wait, "wait95": math.log(queued / .05) / (most - arrival) if queued > .05 else 0,
        "busy": busy, "response": busy / arrival + wait,
    }


def dealt(clients: int, processes: int, threads: int) -> float:
    """Slots in use on average when `clients` connections have been dealt out to processes at random."""
    if processes == 1:
        return min(clients, threads)
    return processes * sum(
        min(k, threads) * math.comb(clients, k) * (1 / processes) ** k * (1 - 1 / processes) ** (clients - k) for k in range(clients + 1)
    )


def closed(clients: int, processes: int, threads: int, cpus: float, wait: float, python: float, database: float = 0) -> float:
    """Requests per second of `clients` that each send their next request when the answer is there."""
    used = dealt(clients, processes, threads)
    whole = max(1, math.ceil(used))
    rate = rates(whole, wait, python + database, computers(cpus, processes, python, database))
    below = rate[whole - 2] if whole > 1 else 0
    return below + (rate[-1] - below) * (used - whole + 1)


def memory(state: dict) -> float:
    """MiB of one replica."""
    return state["main_mb"] + state["processes"] * (state["worker_mb"] + state["threads"] * state["thread_mb"])


def connections(state: dict) -> float:
    """The most database connections of all replicas."""
    if state["interface"] == "asgi" and state["connections"] == "age":
        return math.inf
    return state["replicas"] * state["processes"] * state["databases"] * state["pool" if state["connections"] == "pool" else "threads"]


def evaluate(state: dict) -> dict:
    """Everything that follows from a state; None for the figures of a line that grows without end."""
    replicas, processes, threads, cpus = (state[name] for name in ("replicas", "processes", "threads", "cpus"))
    python, database, wait = (state[name] / 1000 for name in ("compute_ms", "database_ms", "wait_ms"))
    busy = python + database
    servers = computers(cpus, processes, python, database)
    rate = rates(processes * threads, wait, busy, servers)
    shared = line(state["arrival"] / replicas, rate) or dict.fromkeys(("queued", "wait", "wait95", "busy", "response"))
    apart = line(state["arrival"] / replicas / processes, rates(threads, wait, busy, computers(cpus / processes, 1, python, database)))
    used, most = connections(state), rate[-1] * replicas
    drain = min(state["longest"], state["graceful"], state["grace"])
    return {
        "slots": replicas * processes * threads,
        "service": busy + wait,
        "most": most,
        "bound_slots": replicas * processes * threads / (busy + wait),
        "bound_cpu": replicas * servers / busy,
        "load": state["arrival"] / most,
        "load_cpu": state["arrival"] * busy / (replicas * cpus),
        "load_slots": shared["busy"] and shared["busy"] / (processes * threads),
        "inside": shared["busy"] and shared["busy"] * replicas,
        "queued": shared["queued"],
        "wait": shared["wait"],
        "wait95": shared["wait95"],
        "response": shared["response"],
        "wait_apart": apart and apart["wait"],
        "response_apart": apart and apart["response"],
        "memory": memory(state),
        "connections": used,
        "connections_deploy": used + (math.ceil(used * state["surge"] / 100) if used < math.inf else 0),
        "connections_left": state["limit"] - state["reserved"] - state["others"],
        "drain": drain,
        "drain_all": drain * replicas,
    }
