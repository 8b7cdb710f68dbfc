"""Texts of our own: one per pattern, one per form of a traceback, texts that name no pattern, texts that are not Python."""

import textwrap

SITE = "/srv/django/.venv/lib/python3.11/site-packages"


def trace(*frames, error="KeyError: 'pot'"):
    """A plain traceback of (file, line, function, source) frames."""
    lines = ["Traceback (most recent call last):"]
    for file, line, function, source in frames:
        lines += [f'  File "{file}", line {line}, in {function}', f"    {source}"]
    return "\n".join([*lines, error])


def text(value):
    """A text without its common indentation."""
    return textwrap.dedent(value).strip("\n")


VIEW = ("/srv/django/shop/views.py", 12, "checkout", "return await total(request)")
HELPER = ("/srv/django/shop/totals.py", 31, "total", "return prices[sku]")
INNER = (f"{SITE}/django/core/handlers/exception.py", 42, "inner", "response = await get_response(request)")
PHANTOM = (f"{SITE}/asgiref/sync.py", 631, "thread_handler", "raise exc_info[1]")
HANDED = [
    (f"{SITE}/asgiref/sync.py", 580, "__call__", "ret = await asyncio.shield(exec_coro)"),
    ("/usr/lib/python3.11/concurrent/futures/thread.py", 58, "run", "result = self.fn(*self.args, **self.kwargs)"),
    (f"{SITE}/asgiref/sync.py", 635, "thread_handler", "return func(*args, **kwargs)"),
]
DRIVEN = [
    (f"{SITE}/asgiref/sync.py", 376, "__call__", "return call_result.result()"),
    ("/usr/lib/python3.11/concurrent/futures/_base.py", 449, "result", "return self.__get_result()"),
    ("/usr/lib/python3.11/concurrent/futures/_base.py", 401, "__get_result", "raise self._exception"),
    (f"{SITE}/asgiref/sync.py", 416, "main_wrap", "result = await awaitable"),
]
SENDING = (f"{SITE}/django/core/handlers/asgi.py", 336, "send_response", "async for part in content:")
DIRECT = "\n\nThe above exception was the direct cause of the following exception:\n\n"
CONTEXT = "\n\nDuring handling of the above exception, another exception occurred:\n\n"


def failed(error, *frames):
    """A view that fails with `error`."""
    return trace(PHANTOM, INNER, VIEW, HELPER, *frames, error=error)


GROUP = text('''
      + Exception Group Traceback (most recent call last):
      |   File "/srv/django/shop/views.py", line 20, in prices
      |     async with asyncio.TaskGroup() as group:
      | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
      +-+---------------- 1 ----------------
        | Traceback (most recent call last):
        |   File "/srv/django/shop/rates.py", line 8, in quote
        |     return RATES[currency]
        | KeyError: 'CHF'
        +---------------- 2 ----------------
        | Traceback (most recent call last):
        |   File "/srv/django/shop/rates.py", line 9, in quote_again
        |     return RATES[currency]
        | KeyError: 'SEK'
        +------------------------------------
''')

# id -> a text that shows this pattern
PATTERNS = {
    "sync-only-operation": failed("django.core.exceptions.SynchronousOnlyOperation: You cannot call this from an async context - use a thread or sync_to_async."),
    "async-to-sync-in-loop": failed("RuntimeError: You cannot use AsyncToSync in the same thread as an async event loop - just await the async function directly."),
    "asyncio-run-in-loop": failed("RuntimeError: asyncio.run() cannot be called from a running event loop"),
    "no-current-event-loop": failed("RuntimeError: There is no current event loop in thread 'ThreadPoolExecutor-0_0'."),
    "different-loop": failed("RuntimeError: Task <Task pending name='Task-9' coro=<total() running at /srv/django/shop/totals.py:31>> got Future <Future pending> attached to a different loop"),
    "loop-closed": failed("RuntimeError: Event loop is closed"),
    "await-non-awaitable": failed("TypeError: object QuerySet can't be used in 'await' expression"),
    "coroutine-used-as-value": failed("TypeError: 'coroutine' object is not subscriptable"),
    "view-returned-coroutine": failed("ValueError: The view shop.views.checkout didn't return an HttpResponse object. It returned an unawaited coroutine instead. You may need to add an 'await' into your view."),
    "async-iteration-mismatch": failed("TypeError: 'async for' requires an object with __aiter__ method, got list"),
    "worker-timeout": "[2026-11-21 10:00:00 +0000] [1001] [CRITICAL] WORKER TIMEOUT (pid:1002)",
    "wsgi-app-on-asgi-server": trace((f"{SITE}/uvicorn/protocols/http/h11_impl.py", 412, "run_asgi", "result = await app("), error="TypeError: WSGIHandler.__call__() missing 1 required positional argument: 'start_response'"),
    "asgi-app-on-wsgi-server": trace((f"{SITE}/gunicorn/workers/sync.py", 134, "handle", "self.handle_request(listener, req, client, addr)"), error="TypeError: ASGIHandler.__call__() missing 1 required positional argument: 'send'"),
    "lifespan-unsupported": trace((f"{SITE}/django/core/handlers/asgi.py", 158, "__call__", "raise ValueError("), error="ValueError: Django can only handle ASGI/HTTP connections, not lifespan."),
    "protocol-not-handled": trace((f"{SITE}/django/core/handlers/asgi.py", 158, "__call__", "raise ValueError("), error="ValueError: Django can only handle ASGI/HTTP connections, not websocket."),
    "channels-no-route": trace((f"{SITE}/channels/routing.py", 134, "__call__", 'raise ValueError("No route found for path %r." % path)'), error="ValueError: No route found for path 'ws/chat/'."),
    "channels-no-handler": trace((f"{SITE}/channels/consumer.py", 76, "dispatch", "raise ValueError("), error="ValueError: No handler for message type rate.changed"),
    "channels-group-name": failed("TypeError: Group name must be a valid unicode string with length < 100 containing only ASCII alphanumerics, hyphens, underscores, or periods, not room 1"),
    "channels-send-after-close": failed("RuntimeError: Unexpected ASGI message 'websocket.send', after sending 'websocket.close' or response already completed."),
    "asgi-flow-error": failed("RuntimeError: Expected ASGI message 'websocket.accept', 'websocket.close' or 'websocket.http.response.start' but got 'websocket.send'."),
    "apps-not-ready": failed("django.core.exceptions.AppRegistryNotReady: Apps aren't loaded yet."),
    "db-too-many-connections": failed("django.db.utils.OperationalError: connection failed: FATAL:  sorry, too many clients already"),
    "db-connection-closed": failed("django.db.utils.InterfaceError: connection already closed"),
    "deadlock-single-thread": failed("RuntimeError: Single thread executor already being used, would deadlock"),
    "thread-executor-gone": failed("RuntimeError: CurrentThreadExecutor already quit or is broken"),
    "cancelled-shielded": "2026-11-21 10:00:00 ERROR asyncio CancelledError exception in shielded future\nfuture: <Future finished exception=CancelledError()>\nasyncio.exceptions.CancelledError",
    "timeout": trace(VIEW, HELPER, error="asyncio.exceptions.CancelledError") + DIRECT + trace(PHANTOM, INNER, VIEW, ("/usr/lib/python3.11/asyncio/timeouts.py", 115, "__aexit__", "raise TimeoutError from exc_val"), error="TimeoutError"),
    "cancelled-on-disconnect": trace(VIEW, HELPER, error="asyncio.exceptions.CancelledError"),
    "contextvar-lost": failed("LookupError: <ContextVar name='market' at 0x7f0000000010>"),
    "stopiteration-in-coroutine": trace(HELPER, error="StopIteration") + DIRECT + failed("RuntimeError: coroutine raised StopIteration"),
    "recursion": failed("RecursionError: maximum recursion depth exceeded"),
    "stream-error": trace(SENDING, ("/srv/django/shop/views.py", 40, "lines", "yield prices[sku]")),
    "exception-group": GROUP,
    "task-exception-never-retrieved": "Task exception was never retrieved\nfuture: <Task finished name='Task-3' coro=<receipt() done, defined at /srv/django/shop/tasks.py:5> exception=KeyError('pot')>\n" + trace(HELPER),
    "exception-in-callback": "Exception in callback expire() at /srv/django/shop/tasks.py:9\nhandle: <TimerHandle when=1.5 expire() at /srv/django/shop/tasks.py:9>\n" + trace(HELPER),
    "task-destroyed-pending": "Task was destroyed but it is pending!\ntask: <Task pending name='Task-3' coro=<receipt() running at /srv/django/shop/tasks.py:5>>",
    "coroutine-never-awaited": "/srv/django/shop/views.py:14: RuntimeWarning: coroutine 'receipt' was never awaited\n  receipt(order)\nRuntimeWarning: Enable tracemalloc to get the object allocation traceback",
    "stream-iterator-mode": f"{SITE}/django/http/response.py:538: Warning: StreamingHttpResponse must consume synchronous iterators in order to serve them asynchronously. Use an asynchronous iterator instead.\n  warnings.warn(",
    "slow-callback": "2026-11-21 10:00:00 WARNING asyncio Executing <Task pending name='Task-4' coro=<RequestResponseCycle.run_asgi() running at /x/h11_impl.py:422>> took 0.702 seconds",
    "app-killed-on-disconnect": "2026-11-21 10:00:00 WARNING Application instance <Task pending name='Task-1' coro=<ASGIHandler.__call__() running at /x/asgi.py:190>> for connection <WebRequest at 0x7f0 method=GET uri=/slow/ clientproto=HTTP/1.1> took too long to shut down and was killed.",
    "asgi-incomplete-response": "ERROR:    ASGI callable returned without starting response.",
}

# Twenty texts that are in no catalogue: a traceback each, and no pattern.
UNNAMED = [
    failed("KeyError: 'pot'"),
    failed("django.db.utils.IntegrityError: duplicate key value violates unique constraint \"shop_order_pkey\"\nDETAIL:  Key (id)=(3) already exists."),
    failed("django.urls.exceptions.NoReverseMatch: Reverse for 'cart' not found. 'cart' is not a valid view function or pattern name."),
    failed("django.template.exceptions.TemplateDoesNotExist: shop/cart.html"),
    failed("AttributeError: 'NoneType' object has no attribute 'price'"),
    failed("TypeError: unsupported operand type(s) for +: 'int' and 'RateUnavailable'"),
    failed("ValueError: The view shop.views.checkout didn't return an HttpResponse object. It returned None instead."),
    failed("TypeError: checkout() missing 1 required positional argument: 'sku'"),
    failed("django.db.utils.OperationalError: no such table: shop_order"),
    failed("django.db.utils.OperationalError: could not connect to server: Connection refused"),
    failed("RuntimeError: The event bus is closed"),
    failed("RuntimeError: Model class shop.models.Order doesn't declare an explicit app_label and isn't in an application in INSTALLED_APPS."),
    failed("ModuleNotFoundError: No module named 'shop.asgi'"),
    failed("TimeoutError: [Errno 110] Connection timed out"),
    failed("LookupError: No installed app with label 'shop'."),
    failed("SystemExit: 1"),
    failed("ConnectionResetError: [Errno 104] Connection reset by peer"),
    trace(("/usr/lib/python3.11/asyncio/runners.py", 118, "run", "return self._loop.run_until_complete(task)"), error="KeyboardInterrupt"),
    "INFO:     ASGI 'lifespan' protocol appears unsupported.\n" + failed("PermissionError: [Errno 13] Permission denied: '/srv/media'"),
    failed("TypeError: 'method' object is not iterable") + CONTEXT + failed("ValueError: A coroutine is what we wanted here, perhaps"),
]

# id -> what a log says, without its prefix
LOGGED = {
    "task-exception-never-retrieved": "Task exception was never retrieved",
    "task-destroyed-pending": "Task was destroyed but it is pending!",
    "worker-timeout": "WORKER TIMEOUT (pid:1002)",
    "coroutine-never-awaited": "/srv/django/shop/views.py:14: RuntimeWarning: coroutine 'receipt' was never awaited",
    "stream-iterator-mode": f"{SITE}/django/http/response.py:538: Warning: StreamingHttpResponse must consume synchronous iterators in order to serve them asynchronously. Use an asynchronous iterator instead.",
    "slow-callback": "Executing <Task pending name='Task-4' coro=<RequestResponseCycle.run_asgi() running at /x/h11_impl.py:422>> took 0.702 seconds",
    "app-killed-on-disconnect": "Application instance <Task pending name='Task-1' coro=<ASGIHandler.__call__() running at /x/asgi.py:190>> for connection <WebRequest at 0x7f0 method=GET uri=/slow/ clientproto=HTTP/1.1> took too long to shut down and was killed.",
    "asgi-incomplete-response": "ASGI callable returned without starting response.",
    "db-too-many-connections": "FATAL:  sorry, too many clients already",
    "exception-in-callback": "Exception in callback expire('CHF') at /srv/django/shop/tasks.py:9",
    "cancelled-shielded": "CancelledError exception in shielded future",
    "lifespan-unsupported": "ASGI lifespan startup failed: Lifespan startup failed: No application configured for scope type 'lifespan'",
}

# What stands before the message of a log.
PREFIXES = [
    "", "2026-11-21 10:00:00,123 ERROR asyncio ", "[2026-11-21 10:00:00 +0000] [1001] [ERROR] ", "ERROR:asyncio:", "ERROR:shop.Queue:", "ERROR:    ", "ERROR    asyncio:base_events.py:1785 ", "Nov 21 10:00:00 ",
    "Nov 21 10:00:00 web gunicorn[1001]: ", "Nov 21 10:00:00 web gunicorn[1001]: [2026-11-21 10:00:00 +0000] [1001] [ERROR] ", "web-1  | ", "web-1     | 2026-11-21T10:00:00.123456Z ERROR ", "web-1  | ERROR:    ",
    "[pod/shop-7f9c4d5b6-x2x7z/web] ", "shop-7f9c4d5b6-x2x7z web ", "2026-11-21T10:00:00.123456789Z stderr F ", "2026-11-21T10:00:00.315986+00:00 app[web.1]: ", "2026-11-21T19:31:11Z app[d8d07eb] nrt [info]",
    "2026-11-21 10:00:00.123 | ERROR    | asyncio:default_exception_handler:1785 - ", "2026-11-21 10:00:00,123 - asyncio - ERROR - ", "2026-11-21 10:00:00.123 [ERROR   ] [asyncio] - ", "[2026-11-21 10:00:00][asyncio][ERROR] - ",
    "[2026-11-21 10:00:00,123: ERROR/MainProcess] ", "[Sat Nov 21 10:00:00.123456 2026] [wsgi:error] [pid 12:tid 140] [remote 10.0.0.9:50121] ", "ERROR 2026-11-21 10:00:00,123 base_events 12 140735 ", "E1121 10:00:00.123456 12 base_events.py:1785] ",
    "[E 261121 10:00:00 base_events:1785] ", "[ERROR]\t2026-11-21T10:00:00.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\t", "<11>1 2026-11-21T10:00:00.123Z ", "2026-11-21 10:00:00+0000 [-] ", "10:00:00 web.1  | ", "[10:00:00] ERROR ", "0|shop  | ",
    "rid=5f3a9c1e | ", "[11/21/26 10:00:00] ERROR    ", "2026-11-21T10:00:00.1234567Z ##[error]", "asyncio: ", "asyncio ERROR ", "Nov 21, 2026 @ 10:00:00.000 ", "> ", ">> ", "    ", "1763719200.123 ERROR ", "2026/11/21 10:00:00 ",
    "2026-11-21 10:00:00.123 UTC [66] shop@shop ", "2026-11-21 10:00:00.123 UTC [66]: [1-1] user=shop,db=shop,app=web ", "2026-11-21 10:00:00 ERROR (MainThread) [shop.core] Error doing job: ", " WARNING  2026-11-21 10:00:00,347               asyncio  ", "stderr: ", "Error: ",
    "level=error logger=asyncio ", "WARNING  [asyncio] ", "[asyncio] ", "INFO [web] ", "gunicorn.error: ", "[1001] ", "\x1b[33mweb-1  | \x1b[0m[1001] \x1b[31mERROR\x1b[0m ", "\u2190[33mweb-1  | \u2190[0m",
]

# Sentences, comments and code that quote a message and are none, in both languages.
QUOTED = [
    "We saw Task exception was never retrieved and wondered.", "asyncio logs \"Task exception was never retrieved\" when the task is collected.", "Task exception was never retrieved is what asyncio says of a failure that nobody looked at.",
    "- **Task exception was never retrieved**: a background task failed.", "- `Task exception was never retrieved` and the name of the task", "| `Task exception was never retrieved` | a background task failed |", "See [Task exception was never retrieved](../patterns.md).",
    "Why does it say Task was destroyed but it is pending! at the end?", "The task is gone (Task was destroyed but it is pending!), and so is the receipt.", "Keep a reference, or else it is `Task was destroyed but it is pending!` sooner or later.",
    "Gunicorn's [CRITICAL] WORKER TIMEOUT (pid:1002) means that the worker did not answer.", "Since Monday we have WORKER TIMEOUT (pid:1002) ten times a day.", "1. `WORKER TIMEOUT (pid:1002)`: raise the limit, then look for the cause.", "A `WORKER TIMEOUT` message is no error of Gunicorn.",
    "Python warns with RuntimeWarning: coroutine 'receipt' was never awaited and goes on.", "If you forget the await, `RuntimeWarning: coroutine 'receipt' was never awaited` is all you get.", "- Fixed a warning (\"coroutine 'receipt' was never awaited\")",
    "The warning StreamingHttpResponse must consume synchronous iterators in order to serve them asynchronously is harmless for short files.", "Debug mode prints Executing <Task pending> took 0.702 seconds for every slow step.",
    "Daphne prints Application instance <Task> for connection <WebRequest> took too long to shut down and was killed when a view hangs.", "Uvicorn was logging \"ASGI callable returned without starting response.\" for every lost client.", "ASGI callable returned without starting response. That is what the log says, and nothing else.",
    "With 400 connections the failure is `FATAL:  sorry, too many clients already` at the worst moment.", "Teams ignore it until they see FATAL:  sorry, too many clients already in production.", "Exception in callback handlers is not what this page is about.", "An Exception in callback expire() is logged by the loop itself.",
    "CancelledError exception in shielded future appears from Python 3.14 on.", "We read that ASGI lifespan startup failed: No application configured for scope type 'lifespan' can be ignored.", 'msg = "ASGI callable returned without starting response."', 'self.logger.error("ASGI callable returned without completing response.")',
    'assert "Task exception was never retrieved" not in output', "# prevents \"Task was destroyed but it is pending!\" at exit", "    #FIXME: Task exception was never retrieved",
    "The log of the night shift was full of a message that\nTask exception was never retrieved\nwhich nobody could explain.", "[CRITICAL] WORKER TIMEOUT (pid:1002)  <- this must not appear any more",
    "「Task exception was never retrieved」と出て困っています。", "Task exception was never retrieved と表示されるのは、誰も結果を見なかったタスクが失敗したときです。", "ログに Task exception was never retrieved が出ました。", "- **Task was destroyed but it is pending!**：参照を保持していないタスク",
    "終了時に Task was destroyed but it is pending! と警告されます。", "`Task was destroyed but it is pending!` が出たら、タスクへの参照を残してください。", "Gunicorn の WORKER TIMEOUT (pid:1002) は、ワーカーが応答しなかったという意味です。", "昨日から WORKER TIMEOUT (pid:1002) が 1 日に 10 回ほど出ます。", "| WORKER TIMEOUT (pid:1002) | ワーカーが止まった |",
    "await を忘れると RuntimeWarning: coroutine 'receipt' was never awaited という警告だけが出ます。", "coroutine 'receipt' was never awaited の原因は await の書き忘れです。", "StreamingHttpResponse must consume synchronous iterators in order to serve them asynchronously という警告は、短いファイルでは問題になりません。",
    "デバッグモードでは Executing <Task pending> took 0.702 seconds のような行が増えます。", "Daphne は took too long to shut down and was killed と記録してアプリケーションを止めます。", "Uvicorn のログの「ASGI callable returned without starting response.」だけでは原因が分かりません。",
    "接続を使い切ると FATAL:  sorry, too many clients already になります。", "「FATAL:  sorry, too many clients already」は PostgreSQL からの返事です。", "Exception in callback expire() はイベントループが記録します。", "CancelledError exception in shielded future は Python 3.14 から増えました。", "lifespan を使わなければ ASGI lifespan startup failed: No application configured for scope type 'lifespan' は出ません。",
]

# (text, a word of the reason or "")
NOT_PYTHON = [
    ("", ""), ("   \n\n\t ", ""), ("Our checkout is slow since Monday. Which server should we take?", ""),
    ('Exception in thread "main" java.lang.NullPointerException\n\tat com.shop.Cart.total(Cart.java:31)\n\tat com.shop.Main.main(Main.java:5)', "Java"),
    ("TypeError: Cannot read properties of undefined (reading 'price')\n    at total (/srv/shop/cart.js:31:12)\n    at async checkout (/srv/shop/index.js:4:3)", "JavaScript"),
    ("panic: runtime error: index out of range [3] with length 2\n\ngoroutine 1 [running]:\nmain.total(...)\n\t/srv/shop/cart.go:31\nexit status 2", "Go"),
    ("cart.rb:31:in `total': undefined method `price' for nil:NilClass (NoMethodError)\n\tfrom cart.rb:4:in `<main>'", "Ruby"),
    ("2026/11/21 10:00:00 [error] 12#12: *3 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 10.0.0.9", ""),
    ('10.0.0.9 - - [21/Nov/2026:10:00:00 +0000] "GET /checkout/ HTTP/1.1" 502 157 "-" "curl/8"', ""),
    ("[2026-11-21 10:00:00 +0000] [1001] [INFO] Starting gunicorn 27.0.1\n[2026-11-21 10:00:00 +0000] [1001] [INFO] Listening at: http://127.0.0.1:8000 (1001)", ""),
    ("INFO:     ASGI 'lifespan' protocol appears unsupported.", ""),
    ("PHP Fatal error:  Uncaught Error: Call to undefined function total() in /srv/shop/cart.php:31\nStack trace:\n#0 {main}", "PHP"),
    ("def checkout(request):\n    return total(request)\n\nclass Cart:\n    pass", ""),
    ('{"level": "info", "message": "ready", "port": 8000}', ""), ("404 Not Found", ""), ("KeyError", ""), ("Traceback (most recent call last):", ""),
]

# name -> (text, kind of the main entry, final type, [(file, line, function)], own frames)
FORMS = {
    "single quotes": (text("""
        Traceback (most recent call last):
          File '/srv/django/shop/views.py', line 12, in checkout
            return total(request)
          File '/srv/django/shop/totals.py', line 31, in total
            return prices[sku]
        KeyError: 'pot'
     """), "traceback", "KeyError", [("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total")], 2),
    "Sentry": (text("""
        KeyError: 'pot'
          File "django/core/handlers/base.py", line 197, in _get_response
            response = wrapped_callback(request, *callback_args, **callback_kwargs)
          File "shop/views.py", line 12, in checkout
            return total(request)
    """), "traceback", "KeyError", [("django/core/handlers/base.py", 197, "_get_response"), ("shop/views.py", 12, "checkout")], 1),
    "Sentry's page": (text("""
        KeyError
        'pot'
        django/core/handlers/base.py in _get_response at line 197
        shop/views.py in checkout at line 12
    """), "traceback", "KeyError", [("django/core/handlers/base.py", 197, "_get_response"), ("shop/views.py", 12, "checkout")], 1),
    "daphne 2": (text("""
        2026-11-21 10:00:00 ERROR Exception inside application: 'pot'
          File "/srv/django/.venv/lib/python3.6/site-packages/channels/sessions.py", line 183, in __call__
            return await self.inner(receive, self.send)
          File "/srv/django/shop/consumers.py", line 7, in connect
            prices["pot"]
          'pot'
    """), "traceback", None, [("/srv/django/.venv/lib/python3.6/site-packages/channels/sessions.py", 183, "__call__"), ("/srv/django/shop/consumers.py", 7, "connect")], 1),
    "old debug page": (text("""
        Traceback:

        File "/usr/lib/python2.7/dist-packages/django/core/handlers/base.py" in get_response
          114.                     response = wrapped_callback(request, *callback_args, **callback_kwargs)

        File "/srv/django/shop/views.py" in checkout
          12.     return total(request)

        Exception Type: KeyError at /checkout/
        Exception Value: 'pot'
    """), "traceback", "KeyError", [("/usr/lib/python2.7/dist-packages/django/core/handlers/base.py", 114, "get_response"), ("/srv/django/shop/views.py", 12, "checkout")], 1),
    "debug page": (text("""
        KeyError at /checkout/
        'pot'
        Exception Type:\tKeyError
        Exception Value:\t'pot'
        Exception Location:\t/srv/django/shop/totals.py, line 31, in total
        Traceback Switch to copy-and-paste view
        /srv/django/.venv/lib/python3.11/site-packages/django/core/handlers/exception.py, line 55, in inner
                        response = get_response(request) …
        Local vars
        /srv/django/shop/totals.py, line 31, in total
            return prices[sku] …
        Local vars
        Variable\tValue
        sku\t'pot'
    """), "traceback", "KeyError", [("/srv/django/.venv/lib/python3.11/site-packages/django/core/handlers/exception.py", 55, "inner"), ("/srv/django/shop/totals.py", 31, "total")], 1),
    "faulthandler": (text("""
        Fatal Python error: Aborted

        Current thread 0x00007f2b (most recent call first):
          File "/srv/django/shop/totals.py", line 31 in total
          File "/srv/django/shop/views.py", line 12 in checkout
    """), "stack", None, [("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total")], 2),
    "faulthandler, two threads": (text("""
        Timeout (0:00:05)!
        Thread 0x00007f1c2a7fc700 [asyncio_0] (most recent call first):
          File "/usr/lib/python3.11/concurrent/futures/thread.py", line 81 in _worker
          File "/usr/lib/python3.11/threading.py", line 982 in run

        Current thread 0x00007f1c2bfff740 (most recent call first):
          File "/srv/django/shop/totals.py", line 31 in total
          File "/srv/django/shop/views.py", line 12 in checkout

        Current thread's C stack trace (most recent call first):
          Binary file "/usr/lib/libpython3.14.so.1.0", at _Py_DumpStack+0x3d [0x7f5a1c4b5c9d]
          <truncated rest of calls>

        Extension modules: psycopg2._psycopg, yaml._yaml (total: 2)
    """), "stack", None, [("/usr/lib/python3.11/threading.py", 982, "run"), ("/usr/lib/python3.11/concurrent/futures/thread.py", 81, "_worker"), ("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total")], 2),
    "asyncio's call graph": (text("""
        * Task(name='Task-1', id=0x1039f0fe0)
          + Call stack:
          |   File '/srv/django/shop/totals.py', line 31, in total()
          |   File '/srv/django/shop/views.py', line 12, in async checkout()
          + Awaited by:
            * Task(name='root', id=0x103a5e060)
              + Call stack:
              |   File '/usr/lib/python3.14/asyncio/taskgroups.py', line 107, in async TaskGroup.__aexit__()
              |   File '/srv/django/shop/views.py', line 20, in async basket()
    """), "stack", None, [("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total"), ("/srv/django/shop/views.py", 20, "basket"), ("/usr/lib/python3.14/asyncio/taskgroups.py", 107, "TaskGroup.__aexit__")], 1),
    "asyncio's tree": (text("""
        └── (T) Task-1
            └──  basket /srv/django/shop/views.py:20
                └──  TaskGroup.__aexit__ /usr/lib/python3.14/asyncio/taskgroups.py:72
                    ├── (T) Task-2
                    │   └──  checkout /srv/django/shop/views.py:12
                    └── (T) Task-3
                        └──  total /srv/django/shop/totals.py:31
                            └──  sleep /usr/lib/python3.14/asyncio/tasks.py:702
    """), "stack", None, [("/srv/django/shop/views.py", 20, "basket"), ("/usr/lib/python3.14/asyncio/taskgroups.py", 72, "TaskGroup.__aexit__"), ("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total"), ("/usr/lib/python3.14/asyncio/tasks.py", 702, "sleep")], 1),
    "py-spy": (text("""
        Process 1001: python -m gunicorn config.wsgi
        Python v3.11.7 (/usr/bin/python3.11)

        Thread 1001 (active): "MainThread"
            total (shop/totals.py:31)
            checkout (shop/views.py:12)
            BaseHandler._get_response (django/core/handlers/base.py:197)
            <module> (gunicorn:8)
    """), "stack", None, [("gunicorn", 8, "<module>"), ("django/core/handlers/base.py", 197, "BaseHandler._get_response"), ("shop/views.py", 12, "checkout"), ("shop/totals.py", 31, "total")], 2),
    "Twisted": (text("""
        2026-11-21 10:00:00 ERROR [Failure instance: Traceback: <class 'KeyError'>: 'pot'
        /srv/django/.venv/lib/python3.7/site-packages/twisted/internet/defer.py:151:maybeDeferred
        --- <exception caught here> ---
        /srv/django/shop/consumers.py:7:connect
        ]
    """), "traceback", "KeyError", [("/srv/django/.venv/lib/python3.7/site-packages/twisted/internet/defer.py", 151, "maybeDeferred"), ("/srv/django/shop/consumers.py", 7, "connect")], 1),
    "IPython": (text("""
        ---------------------------------------------------------------------------
        KeyError                                  Traceback (most recent call last)
        Cell In[3], line 1
        ----> 1 total("pot")

        File ~/shop/totals.py:31, in total(sku)
             30 def total(sku):
        ---> 31     return prices[sku]

        KeyError: 'pot'
    """), "traceback", "KeyError", [("Cell In[3]", 1, None), ("~/shop/totals.py", 31, "total")], 2),
    "old IPython": (text("""
        ---------------------------------------------------------------------------
        KeyError                                  Traceback (most recent call last)
        <ipython-input-3-5f> in <module>()
        ----> 1 total("pot")

        /srv/django/shop/totals.py in total(sku)
             30 def total(sku):
        ---> 31     return prices[sku]

        KeyError: 'pot'
    """), "traceback", "KeyError", [("<ipython-input-3-5f>", 1, "<module>"), ("/srv/django/shop/totals.py", 31, "total")], 2),
    "rich": (text("""
        ╭───────────────────── Traceback (most recent call last) ──────────────────────╮
        │ /srv/django/.venv/lib/python3.11/site-packages/django/core/handlers/exceptio │
        │ n.py:55 in inner                                                             │
        │                                                                              │
        │    54 │   │   try:                                                           │
        │ ❱  55 │   │   │   response = get_response(request)                           │
        │                                                                              │
        │ /srv/django/shop/totals.py:31 in total                                       │
        │                                                                              │
        │ ❱ 31 │   return prices[sku]                                                  │
        │ ╭─ locals ─╮                                                                 │
        │ │ sku = 3  │                                                                 │
        │ ╰──────────╯                                                                 │
        ╰──────────────────────────────────────────────────────────────────────────────╯
        KeyError: 'pot'
    """), "traceback", "KeyError", [("/srv/django/.venv/lib/python3.11/site-packages/django/core/handlers/exception.py", 55, "inner"), ("/srv/django/shop/totals.py", 31, "total")], 1),
    "pytest": (text("""
        =================================== FAILURES ===================================
        _________________________________ test_total ___________________________________

            def test_total():
        >       assert total("pot") == 3

        tests/test_shop.py:5:
        _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

        sku = 'pot'

            def total(sku):
        >       return prices[sku]
        E       KeyError: 'pot'

        shop/totals.py:31: KeyError
        =========================== short test summary info ============================
        FAILED tests/test_shop.py::test_total - KeyError: 'pot'
    """), "traceback", "KeyError", [("tests/test_shop.py", 5, "test_total"), ("shop/totals.py", 31, "total")], 2),
    "pytest, short": (text("""
        =================================== FAILURES ===================================
        _________________________________ test_total ___________________________________
        tests/test_shop.py:5: in test_total
            assert total("pot") == 3
        shop/totals.py:31: in total
            return prices[sku]
        E   KeyError: 'pot'
        =========================== short test summary info ============================
    """), "traceback", "KeyError", [("tests/test_shop.py", 5, "test_total"), ("shop/totals.py", 31, "total")], 2),
    "Cloud": (text("""
        KeyError: 'pot'
        at .total ( /app/shop/totals.py:31 )
        at .dispatch_request ( /layers/google.python.pip/pip/lib/python3.11/site-packages/flask/app.py:1799 )
    """), "traceback", "KeyError", [("/layers/google.python.pip/pip/lib/python3.11/site-packages/flask/app.py", 1799, "dispatch_request"), ("/app/shop/totals.py", 31, "total")], 1),
    "cut path at the top": (text("""
        ges/django/core/handlers/base.py", line 253, in _get_response_async
            response = await wrapped_callback(
          File "/srv/django/shop/views.py", line 12, in checkout
            return await total(request)
        KeyError: 'pot'
    """), "traceback", "KeyError", [("ges/django/core/handlers/base.py", 253, "_get_response_async"), ("/srv/django/shop/views.py", 12, "checkout")], 1),
    "one line": ('Traceback (most recent call last): File "/srv/django/shop/views.py", line 12, in checkout return total(request) File "/srv/django/shop/totals.py", line 31, in total return prices[sku] KeyError: \'pot\'',
                 "traceback", "KeyError", [("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total")], 2),
    "structured log": ('{"event": "failed", "exception": [{"exc_type": "KeyError", "exc_value": "\'pot\'", "is_cause": false, "frames": [{"filename": "/srv/django/shop/views.py", "lineno": 12, "name": "checkout"}]}]}',
                       "traceback", "KeyError", [("/srv/django/shop/views.py", 12, "checkout")], 1),
    "structured log, cut": ('"name": "x"}, {"filename": "/srv/django/shop/views.py", "lineno": 12, "name": "checkout"}, {"filename": "/srv/django/shop/totals.py", "lineno": 31, "name": "total"}, {"filename": "/srv/dj',
                            "traceback", None, [("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total")], 2),
    "interleaved log": (text("""
        Traceback (most recent call last):
          File "/srv/django/shop/views.py", line 12, in checkout
            return total(request)
        2026-11-21 10:00:00 INFO django.server "GET /healthz/ HTTP/1.1" 200 2
          File "/srv/django/shop/totals.py", line 31, in total
        [2026-11-21 10:00:00 +0000] [1001] [INFO] Worker exiting (pid: 1001)
            return prices[sku]
        KeyError: 'pot'
    """), "traceback", "KeyError", [("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total")], 2),
    "uwsgi's dump": (text("""
        *** uWSGI Python tracebacker output ***

        thread_id = MainThread filename = /srv/django/shop/views.py lineno = 12 function = checkout line = return total(request)
        thread_id = MainThread filename = /srv/django/shop/totals.py lineno = 31 function = total line = time.sleep(5)
    """), "stack", None, [("/srv/django/shop/views.py", 12, "checkout"), ("/srv/django/shop/totals.py", 31, "total")], 2),
}
