// Whose code a frame is, told from its path alone.

const PACKAGES = {
  django: "django", channels: "channels", asgiref: "asgiref", uvloop: "asyncio", asyncio: "asyncio",
  uvicorn: "server", uvicorn_worker: "server", gunicorn: "server", daphne: "server", hypercorn: "server", twisted: "server", autobahn: "server", txaio: "server",
  granian: "server", waitress: "server", uwsgi: "server", uwsgidecorators: "server", mod_wsgi: "server", cheroot: "server", meinheld: "server", bjoern: "server",
};
// First folders of paths that came without what stands before them (Sentry and others shorten them).
const THIRD = new Set(("PIL OpenSSL _pytest aiobotocore aiofiles aiogram aiohttp aiohttp_jinja2 aiomysql aiopg aioredis aiormq aiosqlite alembic allauth amqp ansible anyio apscheduler arq asgi_lifespan "
  + "async_timeout asyncpg asynctest attr attrs automat backoff billiard boto3 botocore bs4 cachetools celery certifi cffi channels_redis channels_rabbitmq charset_normalizer click compressor constance corsheaders "
  + "coverage crispy_forms croniter cryptography databases dateutil ddtrace debug_toolbar decorator dj_database_url django_celery_beat django_celery_results django_extensions django_filters django_prometheus "
  + "django_redis dns dramatiq drf_spectacular drf_yasg ecs_logging elasticapm elasticsearch eventlet faker falcon fastapi filelock flask fsspec gevent google graphene graphene_django graphql "
  + "graphql_ws greenlet grpc gql guardian h11 h2 haystack hpack html5lib httpcore httptools httpx huey huggingface_hub idna imagekit import_export IPython ipykernel itsdangerous jinja2 jose jsonschema jwt kazoo kombu "
  + "langchain langchain_core langgraph litellm logfire loguru lxml mangum markdown markupsafe marshmallow mcp minio modeltranslation mongoengine motor msgpack multidict MySQLdb mptt mypy nest_asyncio newrelic ninja "
  + "numpy oauthlib oauth2_provider openai openpyxl opentelemetry orjson packaging pandas paramiko passlib pika pip pkg_resources pluggy polymorphic portalocker prometheus_client prompt_toolkit psutil psycopg psycopg2 "
  + "psycopg_pool pyasn1 pydantic pydantic_core pygments pymongo pymssql pymysql pytest pytest_asyncio pytest_django pytz qasync quart ratelimit raven redis redis_lock redisearch requests requests_oauthlib "
  + "rest_framework rest_framework_simplejwt reversion rich rq s3transfer sanic sanic_ext scipy scout_apm sentry_sdk serpy service_identity setuptools six slowapi sniffio social_core social_django "
  + "sqlalchemy sqlmodel sqlparse sse_starlette starlette starlette_context storages strawberry strawberry_django streamlit structlog taggit tastypie telegram tenacity tornado torch tortoise tqdm transformers treebeard "
  + "trio typer tzlocal urllib3 vine wagtail wand watchfiles watchdog watchgod websocket websockets werkzeug whitenoise wrapt wsproto xlrd yaml yarl zmq zope easy_thumbnails sorl waffle webpack_loader adrf a2wsgi django_eventstream pghistory pgtrigger psqlextra django_tenants tenant_schemas hijack simple_history push_notifications anymail dbbackup cacheops cachalot djongo nplusone parler filer ckeditor tinymce django_q django_rq django_tables2 djoser dj_rest_auth rest_auth knox gql gradio "
  + "cassandra confluent_kafka aiokafka kafka nats minio twilio stripe telethon pyrogram discord slack_sdk slack_bolt praw zeep suds nltk sklearn tensorflow keras matplotlib jupyter_client nbconvert notebook traitlets dask distributed ray prefect airflow dagster luigi scrapy selenium playwright pyppeteer").split(/\s+/));
const STDLIB = new Set(("abc argparse ast asyncore asynchat base64 bdb bisect calendar cgi cmd code codecs codeop collections concurrent configparser contextlib contextvars copy copyreg csv ctypes dataclasses datetime dbm decimal "
  + "difflib dis distutils email encodings enum fileinput fnmatch fractions ftplib functools gc genericpath getpass gettext glob gzip hashlib heapq hmac html http imaplib imp importlib inspect io ipaddress json linecache locale "
  + "logging lzma mailbox mimetypes multiprocessing netrc nntplib ntpath numbers opcode operator optparse os pathlib pdb pickle pkgutil platform plistlib poplib posixpath pprint profile pty queue Queue quopri random re reprlib runpy "
  + "sched secrets selectors shelve shlex shutil site smtpd smtplib socket socketserver SocketServer sqlite3 sre_compile sre_parse ssl stat statistics string stringprep struct subprocess symtable sysconfig tarfile telnetlib tempfile "
  + "textwrap threading timeit token tokenize trace traceback tracemalloc types typing unittest urllib urllib2 urlparse uu uuid venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipfile zipimport zoneinfo _weakrefset "
  + "_collections_abc _pydecimal _strptime BaseHTTPServer httplib StringIO").split(/\s+/));
const LAUNCHERS = new Set("gunicorn uvicorn daphne hypercorn granian waitress-serve celery django-admin django-admin.py pytest py.test flask ipython jupyter uwsgi mod_wsgi-express runworker newrelic-admin ddtrace-run coverage tox python poetry pdm honcho supervisord rq rqworker dramatiq arq fastapi ptw".split(" "));
// Framework files that are recognised wherever they lie: a checkout, a shortened path.
const DJANGO = /(?:^|\/)django\/(?:core|db|utils|template|templatetags|views|http|test|contrib|conf|urls|apps|middleware|dispatch|forms|shortcuts\.py|tasks)\b/;
const FAMILIES = [
  [/(?:^|\/)asgiref\/(?:sync|server|local|wsgi|compatibility|current_thread_executor|timeout|testing|__init__)\.py$/, "asgiref"],
  [/(?:^|\/)asgiref\/$/, "asgiref"],
  [/(?:^|\/)uvicorn\/(?:protocols|workers\.py|server\.py|main\.py|config\.py|middleware|lifespan|_subprocess\.py|subprocess\.py|supervisors|loops|importer\.py|_compat\.py|logging\.py|__main__\.py)/, "server"],
  [/(?:^|\/)gunicorn\/(?:arbiter\.py|workers|app|util\.py|glogging\.py|http|asgi|__main__\.py|sock\.py|config\.py|debug\.py)/, "server"],
  [/(?:^|\/)hypercorn\/(?:asyncio|trio|protocol|middleware|app_wrappers|utils|run|config|__main__|typing)\b/, "server"],
  [/(?:^|\/)daphne\/(?:server|http_protocol|ws_protocol|cli|testing|apps|access|endpoints|management)\b/, "server"],
  [/(?:^|\/)channels\/(?:generic|management|testing|security|consumer\.py|sessions\.py|auth\.py|db\.py|exceptions\.py|layers\.py|worker\.py|staticfiles\.py|http\.py|middleware\.py|utils\.py|routing\.py)/, "channels"],
  [/(?:^|\/)twisted\/(?:internet|python|web|protocols|application|logger|scripts)\b/, "server"],
];

/** {layer, own} of a path. `choice` holds the folders a reader said are theirs (`mine`) or not (`notMine`). */
export function place(file, choice = {}) {
  const path = file.replace(/\\+/g, "/");
  if ((choice.mine ?? []).some((folder) => folder && path.includes(folder))) return { layer: "own", own: true };
  if ((choice.notMine ?? []).some((folder) => folder && path.includes(folder))) return { layer: "third-party", own: false };
  const layer = layerOf(path);
  if (layer === "unsure") return { layer: "third-party", own: "unsure" };
  return { layer, own: layer === "own" };
}

function layerOf(path) {
  if (/^<frozen |^<(?:string|doctest|unknown|_io)/.test(path)) return "stdlib";
  if (/^<(?:stdin|console|ipython|cell|input|notebook)|^(?:Cell |Cell$|Input )In\b|^In ?\[|ipykernel_\d+|^\/tmp\/ipykernel/.test(path)) return "own";
  if (path.startsWith("<")) return "third-party";
  const installed = /(?:^|\/)(?:site|dist)-packages(?:\.zip)?\/(.+)$/.exec(path) ?? /^[a-z-]{0,14}(?:ages|kages|ckages|ackages|packages)\/([a-z_]\w*\/.+)$/.exec(path);
  if (installed) return byPackage(lastInstalled(installed[1]));
  if (/(?:^|\/)(?:site|dist)-packages\/?$/.test(path)) return "third-party";
  const wheel = /\/[^/]{1,120}\.(?:egg|whl)\/(.+)$/.exec(path) ?? /\/third_party\/(?:[\w.-]{1,60}-\d[\w.]{0,20}\/)(.+)$/.exec(path);
  if (wheel) return byPackage(wheel[1]);
  if (/(?:^|\/)uvloop\/|\bcbhandles\.pyx$|(?:^|\/)loop\.pyx$/.test(path)) return "asyncio";
  if (/\.pyx$|\.pxd$/.test(path)) return "third-party";
  const launcher = launcherOf(path);
  if (launcher) return launcher;
  const library = /(?:^|\/)(?:lib(?:32|64)?\/(?:python|pypy)[\d.]{1,6}t?|python[\d.]{0,6}\/lib|Python[\d.]{0,6}\/[Ll]ib|lib-python\/[\d.]{1,5}|python\d{2,3}\.zip|lib\/pypy[\d.]*)\/(.+)$/i.exec(path);
  if (library) return /^asyncio\//.test(library[1]) ? "asyncio" : "stdlib";
  // Windows and conda: …\Anaconda3\envs\name\lib\asyncio\tasks.py
  const plain = /\/lib\/([\w/]{1,120}\.py)$/i.exec(path);
  if (plain && standard(plain[1]) && /^[A-Za-z]:\/|conda|python/i.test(path)) return /^asyncio\//.test(plain[1]) ? "asyncio" : "stdlib";
  if (/(?:^|\/)django\/django\/|\/django-[\w.]{1,30}\/django\//i.test(path)) return "django";
  // Requirements installed from source, and packages that lie beside the project (AWS Lambda).
  if (/\/(?:\.?venv|env|virtualenv)\/src\//.test(path)) return "third-party";
  const task = /^\/var\/task\/(.+)$/.exec(path);
  if (task) return relative(task[1]);
  if (/(?:^|\/)(celery|kombu|billiard|starlette|fastapi|aiohttp|sanic|tornado|flask|werkzeug|graphene|strawberry|websockets|channels_redis|anyio|trio|httpx|httpcore|requests|urllib3|sqlalchemy|jinja2|sentry_sdk|psycopg|psycopg2|asyncpg|gevent|eventlet)\/(?:src\/|lib\/)?\1\//.test(path)) return "third-party";
  const twice = /(?:^|\/)(channels|asgiref|uvicorn|gunicorn|daphne|hypercorn|twisted|uvloop)\/(?:src\/)?\1\//.exec(path);
  if (twice) return PACKAGES[twice[1]];
  if (DJANGO.test(path)) return "django";
  for (const [pattern, layer] of FAMILIES) {
    if (pattern.test(path) && (layer !== "channels" || !path.startsWith("/") || /channels\/generic\//.test(path))) return layer;
  }
  // Everything before the package was cut off: /elasticapm/contrib/django/…
  const bare = /^\/([A-Za-z_]\w*)\/[^/]+\/.+/.exec(path);
  if (bare && THIRD.has(bare[1])) return "third-party";
  if (/^(?:\/|[A-Za-z]:\/|~\/|\.\.?\/)/.test(path)) return "own";
  return relative(path);
}

/** site-packages inside site-packages, eggs and versions: what follows the last of them. */
function lastInstalled(rest) {
  const again = /(?:^|\/)(?:site|dist)-packages\/(.+)$/.exec(rest);
  const inner = again ? again[1] : rest;
  const egg = /^[^/]{1,120}\.(?:egg|whl|zip)\/(.+)$/.exec(inner);
  return egg ? egg[1] : inner;
}

function byPackage(rest) {
  const name = rest.split("/")[0].replace(/\.(?:pyx?|so)$/, "");
  return PACKAGES[name] ?? "third-party";
}

/** The console script that started the process, also in its Windows form. */
function launcherOf(path) {
  if (LAUNCHERS.has(path)) return "launcher";
  const windows = /\/Scripts\/([\w.-]{1,60}?)(?:\.exe(?:\/__main__\.py)?|-script\.pyw?|\.py)$/i.exec(path);
  if (windows) return "launcher";
  const unix = /(?:^|\/)s?bin\/([\w.-]{1,60})$/.exec(path);
  if (!unix) return /(?:^|\/)(?:gunicorn|uvicorn|celery|daphne|hypercorn)\.exe\/__main__\.py$/.test(path) ? "launcher" : null;
  if (LAUNCHERS.has(unix[1]) || !unix[1].includes(".")) return "launcher";
  return null;
}

function standard(path) {
  const first = path.split("/")[0].replace(/\.py$/, "");
  return first === "asyncio" || STDLIB.has(first);
}

/** A relative path: a package that everybody knows, the standard library, or the project's. */
function relative(whole) {
  const path = whole.replace(/^(?:src|Lib|lib)\//, "");
  const parts = path.split("/");
  const first = parts[0].replace(/\.pyx?$/, "");
  if (parts.length > 1 && (first === "asyncio" || PACKAGES[first])) return first === "asyncio" ? "asyncio" : PACKAGES[first] ?? "third-party";
  if (parts.length > 1 && STDLIB.has(first)) return "stdlib";
  if (parts.length > 1 && THIRD.has(first)) return "third-party";
  if (parts.length > 1 && /^(?:django_|drf_|rest_|pytest_|flask_|sqlalchemy_|channels_|opentelemetry)/.test(first)) return "third-party";
  if (parts.length === 1 && (STDLIB.has(first) || first === "six")) return "stdlib";
  if (parts.length === 1 && /^(?:_asyncio|base_events|runners|tasks_|events_)$/.test(first)) return "unsure";
  return "own";
}
