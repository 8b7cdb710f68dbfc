// The files: one function for each, from a choice to {path, source, edits, sizes}.
//
// `source` is the file below snippets/ that the pages show and the tests run. It comes out as it is, unless `edits` (pairs
// of old and new text) make it fit a combination that has no recipe of its own, or `sizes` put other numbers than the
// recipe's into it. Both have to find what they replace: a recipe that changes is noticed. `path` says where the file
// belongs: etc/… and srv/… from the root of the host, the rest beside each other.

/** Name of the recipe below snippets/ that a choice is made from. */
export const RECIPES = {
  wsgi: { gunicorn: "gunicorn-gthread", granian: "granian-wsgi", uwsgi: "uwsgi", waitress: "waitress" },
  asgi: {
    uvicorn: "uvicorn-workers", gunicorn: "gunicorn-asgi", "gunicorn-uvicorn": "gunicorn-uvicorn",
    granian: "granian-asgi", hypercorn: "hypercorn", daphne: "daphne",
  },
}
const recipe = choice => RECIPES[choice.interface][choice.server]
const unix = choice => choice.proxy === "nginx-unix"
const behindNginx = choice => choice.proxy !== "none"
const isGunicorn = choice => choice.server.startsWith("gunicorn")
// Servers that do not look at X-Forwarded-Proto, so that Django has to.
const BLIND = ["granian", "hypercorn"]
// Servers of which Supervisor runs several processes on one socket.
const ON_ONE_SOCKET = ["uvicorn", "daphne", "hypercorn"]
const PROGRAM = { daphne: "daphne", hypercorn: "hypercorn" }

const FOLDER = `\
# Creates /run/django for the socket; only the service and the group of nginx may enter it.
RuntimeDirectory=django
RuntimeDirectoryMode=0750
`
const FOLDER_OF_UVICORN = `\
# Creates /run/django for the socket. Uvicorn makes the socket itself open to all:
# that only the service and the group of nginx may enter the folder is what protects it.
RuntimeDirectory=django
RuntimeDirectoryMode=0750
`
const ENVIRONMENT = "EnvironmentFile=/etc/django/django.env\n"

/** A number instead of another, for `sizes`; nothing when it stays. */
const number = (text, from, to) => (to === undefined || from === to ? [] : [[text, text.replace(from, to)]])

/** "2 x 4 = 8" in a comment. */
const product = ({ workers, threads }) => (workers === 2 && threads === 4 ? [] : [["2 x 4 = 8", `${workers} x ${threads} = ${workers * threads}`]])

/** A start.sh on one line. */
const onOneLine = script => script.split("\n").filter(line => line && !line.startsWith("#")).join("\n").replace(/\s*\\\n\s*/g, " ")

// ---- The server ----

function gunicornConf(choice) {
  return {
    path: "srv/django/gunicorn.conf.py",
    source: `${recipe(choice)}${unix(choice) ? "-unix" : ""}/gunicorn.conf.py`,
    // The service may not write into the folder of the code, which is root's.
    edits: unix(choice) ? [] : [['pidfile = "gunicorn.pid"  # for reload.sh and stop.sh; systemd does not need it\n', ""]],
    sizes: [
      ...number("\nworkers = 2\n", 2, choice.workers),
      ...(choice.threads ? [...number("\nthreads = 4\n", 4, choice.threads), ...product(choice)] : []),
    ],
  }
}

function uwsgiIni(choice) {
  return {
    path: "srv/django/uwsgi.ini",
    source: `uwsgi${unix(choice) ? "-unix" : ""}/uwsgi.ini`,
    sizes: [...number("\nprocesses = 2\n", 2, choice.workers), ...number("\nthreads = 4\n", 4, choice.threads), ...product(choice)],
  }
}

function hypercornToml(choice) {
  if (choice.manager === "supervisor") return { path: "srv/django/hypercorn.toml", source: "hypercorn-supervisor/hypercorn.toml" }
  return {
    path: "srv/django/hypercorn.toml",
    source: "hypercorn/hypercorn.toml",
    edits: [
      ['pid_path = "hypercorn.pid"  # for reload.sh and stop.sh; systemd does not need it\n', ""],
      ...(unix(choice) ? [['bind = ["127.0.0.1:8000"]\n', 'bind = ["unix:/run/django/app.sock"]\n# The socket for owner and group only: the service runs with the group of nginx.\numask = 0o007\n']] : []),
    ],
    sizes: number("\nworkers = 2\n", 2, choice.workers),
  }
}

// ---- systemd ----

const byTcp = block => [[block, ""]]
const bySocket = [["User=django\n", "User=django\nGroup=www-data\n"], [ENVIRONMENT, ENVIRONMENT + FOLDER]]

function gunicornService(choice) {
  return { source: `${recipe(choice)}-unix/gunicorn.service`, edits: unix(choice) ? [] : byTcp(FOLDER) }
}

function uvicornService(choice) {
  return {
    source: "uvicorn-workers-unix/uvicorn.service",
    edits: [
      ...(unix(choice) ? [] : [...byTcp(FOLDER_OF_UVICORN), ["--uds /run/django/app.sock", "--host 127.0.0.1 --port 8000"], ["    --forwarded-allow-ips '*' \\\n", ""]]),
      ...(choice.channels === "yes" ? [["    --no-server-header\n", "    --ws-max-size 65536 \\\n    --no-server-header\n"]] : []),
    ],
    sizes: number("--workers 2 ", 2, choice.workers),
  }
}

function granianService(choice) {
  return {
    source: `${recipe(choice)}/granian.service`,
    edits: unix(choice) ? [...bySocket, ["--host 127.0.0.1 --port 8000", "--uds /run/django/app.sock --uds-permissions 0o660"]] : [],
    sizes: [...number("--workers 2 ", 2, choice.workers), ...(choice.threads ? number("--blocking-threads 4 ", 4, choice.threads) : [])],
  }
}

function uwsgiService(choice) {
  return { source: "uwsgi-unix/uwsgi.service", edits: unix(choice) ? [] : [...byTcp(FOLDER), [" --pidfile /run/django/uwsgi.pid", ""]] }
}

function waitressService(choice) {
  return {
    source: "waitress/waitress.service",
    edits: unix(choice) ? [
      ...bySocket,
      ["ExecStart=", "# Over a Unix socket the peer has no address; Waitress calls it localhost.\nExecStart="],
      ["--listen=127.0.0.1:8000 \\\n", "--unix-socket=/run/django/app.sock \\\n    --unix-socket-perms=660 \\\n"],
      ["--trusted-proxy=127.0.0.1 ", "--trusted-proxy=localhost "],
    ] : [],
    sizes: number("--threads=8 ", 8, choice.threads),
  }
}

function hypercornService(choice) {
  return { source: "hypercorn/hypercorn.service", edits: unix(choice) ? bySocket.slice(1) : [] }
}

function daphneService(choice) {
  return {
    source: "daphne/daphne.service",
    edits: unix(choice) ? [...bySocket.slice(1), ["--bind 127.0.0.1 --port 8000", "--endpoint unix:/run/django/app.sock:mode=660"]] : [],
  }
}

const SERVICES = {
  gunicorn: gunicornService, "gunicorn-uvicorn": gunicornService, uvicorn: uvicornService, granian: granianService,
  uwsgi: uwsgiService, waitress: waitressService, hypercorn: hypercornService, daphne: daphneService,
}

/** What systemctl calls the server. */
export const serviceName = choice => (isGunicorn(choice) ? "gunicorn" : choice.server)

function service(choice) {
  return { path: `etc/systemd/system/${serviceName(choice)}.service`, ...SERVICES[choice.server](choice) }
}

function startUnit(choice) {
  const name = serviceName(choice)
  return {
    path: "start.sh",
    source: "systemd/start.sh",
    edits: name === "gunicorn" ? [] : [["enable --now gunicorn\n", `enable --now ${name}\n`], ["status gunicorn\n", `status ${name}\n`]],
  }
}

// ---- Supervisor ----

function gunicornProgram() {
  return { source: "gunicorn-gthread/supervisor.conf" }
}

function uvicornProgram(choice) {
  return {
    source: "supervisor/uvicorn.conf",
    edits: choice.channels === "yes" ? [[" --no-server-header", " --ws-max-size 65536 --no-server-header"]] : [],
    sizes: number("\nnumprocs=2\n", 2, choice.workers),
  }
}

function granianProgram(choice, texts) {
  const command = onOneLine(texts[`${recipe(choice)}/start.sh`])
  const shipped = /exec \.venv\/bin\/(uvicorn [^"]+)"/.exec(texts["supervisor/uvicorn-workers.conf"])[1]
  return {
    source: "supervisor/uvicorn-workers.conf",
    edits: [
      ["Uvicorn with its own workers for", "Granian for"],
      ["exec makes Uvicorn the process", "exec makes Granian the process"],
      [shipped, command],
      ["; Longer than --timeout-graceful-shutdown, or", "; Longer than --workers-kill-timeout, or"],
    ],
    sizes: [...number("--workers 2 ", 2, choice.workers), ...(choice.threads ? number("--blocking-threads 4 ", 4, choice.threads) : [])],
  }
}

function uwsgiProgram() {
  return {
    source: "gunicorn-gthread/supervisor.conf",
    edits: [
      ["django.conf: Gunicorn for", "django.conf: uWSGI for"],
      ["exec makes Gunicorn the process", "exec makes uWSGI the process"],
      ["gunicorn --config gunicorn.conf.py", "uwsgi --ini uwsgi.ini"],
      ["; Longer than graceful_timeout, or requests in flight are cut.", "; uWSGI itself waits without limit for requests in flight, even beyond harakiri: this is the limit."],
    ],
  }
}

function waitressProgram(choice, texts) {
  return {
    source: "gunicorn-gthread/supervisor.conf",
    edits: [
      ["django.conf: Gunicorn for", "django.conf: Waitress for"],
      ["exec makes Gunicorn the process", "exec makes Waitress the process"],
      // Inside the double quotes of the command there is no room for others.
      ["gunicorn --config gunicorn.conf.py", onOneLine(texts["waitress/start.sh"]).replaceAll('"', "'")],
      ["stopsignal=TERM\n", "; On SIGTERM Waitress would end at once; on SIGINT it gives requests in flight 5 seconds.\nstopsignal=INT\n"],
      ["; Longer than graceful_timeout, or requests in flight are cut.\nstopwaitsecs=35", "stopwaitsecs=10"],
    ],
    sizes: number("--threads=8 ", 8, choice.threads),
  }
}

function severalProgram(choice) {
  const name = choice.server
  return {
    source: `${name}-supervisor/${name}.conf`,
    // Where Debian's Supervisor can write without a folder being made first.
    edits: [[`/var/log/django/${name}`, `/var/log/${name}`]],
    sizes: number("\nnumprocs=2\n", 2, choice.workers),
  }
}

const PROGRAMS = {
  gunicorn: gunicornProgram, "gunicorn-uvicorn": gunicornProgram, uvicorn: uvicornProgram, granian: granianProgram,
  uwsgi: uwsgiProgram, waitress: waitressProgram, hypercorn: severalProgram, daphne: severalProgram,
}

function program(choice, texts) {
  return { path: `etc/supervisor/conf.d/${PROGRAM[choice.server] ?? "django"}.conf`, ...PROGRAMS[choice.server](choice, texts) }
}

function updatePrograms() {
  return { path: "start.sh", source: "supervisor/update.sh" }
}

function deployPrograms(choice) {
  if (ON_ONE_SOCKET.includes(choice.server)) {
    const name = PROGRAM[choice.server] ?? "django"
    const restarts = count => Array.from({ length: count }, (_, at) => `    supervisorctl restart ${name}:${name}${at}`).join(" &&\n")
    return {
      path: "deploy.sh",
      source: "supervisor/deploy-one-by-one.sh",
      edits: name === "django" ? [] : [["django:django0", `${name}:${name}0`], ["django:django1", `${name}:${name}1`]],
      sizes: choice.workers === 2 ? [] : [[restarts(2), restarts(choice.workers)]],
    }
  }
  if (isGunicorn(choice)) return { path: "deploy.sh", source: "supervisor/deploy.sh" }
  const application = `config.${choice.interface}`
  const said = "What does not load stops here, and what runs goes on."
  const edits = [["Uvicorn calls a reload off when a new worker does not load; here you notice before.", said]]
  if (application !== "config.asgi") edits.push(["config.asgi", application])
  if (choice.server === "uwsgi") edits.push(["    .venv/bin/python manage.py check", "    .venv/bin/uwsgi --ini uwsgi.ini --version &&\n    .venv/bin/python manage.py check"])
  if (choice.server === "waitress") edits.push(["supervisorctl signal HUP django", "supervisorctl restart django"])
  return { path: "deploy.sh", source: "supervisor/deploy-workers.sh", edits }
}

// ---- On a host, with either of them ----

function requirements(choice, texts) {
  const source = `${recipe(choice)}/requirements.txt`
  if (choice.channels !== "yes") return { path: "requirements-server.txt", source }
  const layer = texts["channels/requirements.txt"].split("\n").filter(line => /^(channels|redis)/.test(line))
  const first = texts[source].split("\n")[0]
  return { path: "requirements-server.txt", source, edits: [[first, [...layer, first].join("\n")]] }
}

function environment(choice) {
  const hosts = "DJANGO_ALLOWED_HOSTS=example.com\n"
  const proxy = "# This server does not look at X-Forwarded-Proto, which nginx sets; your settings.py has to.\nDJANGO_BEHIND_HTTPS_PROXY=1\n"
  const layer = "# The channel layer: Redis on the same host.\nCHANNEL_LAYER_URL=redis://127.0.0.1:6379/0\n"
  const added = (BLIND.includes(choice.server) && behindNginx(choice) ? proxy : "") + (choice.channels === "yes" ? layer : "")
  return { path: "django.env", source: "project/django.env", edits: added ? [[hosts, hosts + added]] : [] }
}

function prepare() {
  return { path: "prepare.sh", source: "systemd/prepare.sh" }
}

function site(choice) {
  const proxy = choice.server === "uwsgi" && unix(choice) ? "nginx-uwsgi" : choice.proxy
  return { path: "etc/nginx/conf.d/django.conf", source: `${proxy}/django.conf` }
}

function check(choice) {
  return { path: "check.sh", source: `${behindNginx(choice) ? choice.proxy : recipe(choice)}/check.sh` }
}

function checkWebsocket(choice) {
  return { path: "check-websocket.sh", source: `${behindNginx(choice) ? choice.proxy : recipe(choice)}/check-websocket.sh` }
}

function serverFiles(choice) {
  if (isGunicorn(choice)) return [gunicornConf(choice)]
  if (choice.server === "uwsgi") return [uwsgiIni(choice)]
  return choice.server === "hypercorn" ? [hypercornToml(choice)] : []
}

function onHost(choice, texts) {
  return [
    ...serverFiles(choice),
    ...(choice.manager === "systemd" ? [service(choice)] : [program(choice, texts)]),
    ...(behindNginx(choice) ? [site(choice)] : []),
    environment(choice),
    requirements(choice, texts),
    prepare(),
    ...(choice.manager === "systemd" ? [startUnit(choice)] : [updatePrograms(), deployPrograms(choice)]),
    check(choice),
    ...(choice.interface === "asgi" ? [checkWebsocket(choice)] : []),
  ]
}

// ---- In a container ----

function dockerfile(choice, texts) {
  const source = `containers/${choice.server}/Dockerfile`
  const stage = /# nginx with the same static files[^]*?\n\n/.exec(texts[source])[0]
  return { path: "Dockerfile", source, edits: behindNginx(choice) ? [] : [[stage, ""]] }
}

function containerConf(choice) {
  return {
    path: "gunicorn.conf.py",
    source: "containers/gunicorn/gunicorn.conf.py",
    sizes: [...number('"WEB_CONCURRENCY", "2"', '"2"', choice.workers === 2 ? undefined : `"${choice.workers}"`), ...number("\nthreads = 4\n", 4, choice.threads), ...product(choice)],
  }
}

function image(choice, texts) {
  return [
    dockerfile(choice, texts),
    ...(choice.server === "gunicorn" ? [containerConf(choice)] : []),
    { path: "healthcheck.py", source: "containers/healthcheck.py" },
    { path: ".dockerignore", source: "containers/.dockerignore" },
    { path: "requirements-server.txt", source: `${choice.server === "gunicorn" ? "gunicorn-gthread" : "uvicorn-workers"}/requirements.txt` },
  ]
}

function inContainer(choice, texts) {
  const compose = [
    { path: "compose.yaml", source: "compose/compose.yaml" },
    { path: "django.conf", source: "containers/django.conf" },
    { path: "deploy.sh", source: "compose/deploy.sh" },
    { path: "check.sh", source: "nginx-tcp/check.sh" },
  ]
  const alone = [{ path: "run.sh", source: "compose/run.sh" }, { path: "check.sh", source: "containers/check.sh" }]
  return [...image(choice, texts), { path: ".env", source: "containers/.env" }, ...(behindNginx(choice) ? compose : alone)]
}

function configMap(choice) {
  const workers = '  # Workers of Gunicorn. Uvicorn reads it as well:\n  # delete it there, or set "1".\n  WEB_CONCURRENCY: "2"\n'
  return {
    path: "kubernetes/config.yaml",
    source: "kubernetes/config.yaml",
    edits: choice.server === "gunicorn" ? [] : [[workers, ""]],
    sizes: choice.workers ? number('WEB_CONCURRENCY: "2"', 2, choice.workers) : [],
  }
}

function inKubernetes(choice, texts) {
  const names = ["secret.yaml", "deployment.yaml", "service.yaml", "ingress.yaml", "pdb.yaml", "migrate.yaml", "first-ingress.sh", "deploy.sh", "check.sh"]
  return [...image(choice, texts), configMap(choice), ...names.map(name => ({ path: `kubernetes/${name}`, source: `kubernetes/${name}` }))]
}

/** All files of a choice, in the order in which a reader needs them. `texts`: path below snippets/ -> text. */
export function filesOf(choice, texts) {
  if (choice.manager === "container") return inContainer(choice, texts)
  if (choice.manager === "kubernetes") return inKubernetes(choice, texts)
  return onHost(choice, texts)
}
