"""
The shapes in which a traceback arrives, each as a function from the bare text to the wrapped one.

`SAME` do not change what the trace says: the reader has to find the same frames. The ones that take something
away (`CUT`) come with what has to be left.
"""

import html
import json
import random
import re
import textwrap


def _lines(text, change):
    return "\n".join(change(number, line) for number, line in enumerate(text.split("\n")))


def compose(text):
    return _lines(text, lambda _, line: f"web-1     | {line}")


def compose_timestamps(text):
    return _lines(text, lambda number, line: f"web_1  | 2026-11-21T18:43:{number % 60:02d}.{38897819 + number * 977}Z {line}")


def journald(text):
    return _lines(text, lambda number, line: f"Nov 21 18:{number // 60 % 60:02d}:{number % 60:02d} shop-host gunicorn[{1000 + number % 3}]: {line}")


def heroku(text):
    return _lines(text, lambda number, line: f"2026-11-21T19:31:11.{315986 + number:06d}+00:00 app[web.1]: {line}")


def fly(text):
    return _lines(text, lambda number, line: f"2026-11-21T19:31:{number % 60:02d}Z app[d8d{number % 10}07eb{number % 7}] nrt [info]{line}")


def request_id(text):
    return _lines(text, lambda _, line: f"rid=5f3a9c1e | {line}")


def apache(text):
    return _lines(text, lambda number, line: f"[Sat Nov 21 10:00:{number % 60:02d}.{123456 + number} 2026] [wsgi:error] [pid 12:tid 140] [remote 10.0.0.9:5{number % 9}121] {line}")


def kubernetes(text):
    return _lines(text, lambda number, line: f"[pod/shop-7f9c4d5b6-x2x{number % 9}z/web] {line}")


def docker_json(text):
    return _lines(text, lambda number, line: json.dumps({"log": line + "\n", "stream": "stderr", "time": f"2026-11-21T10:00:{number % 60:02d}.1Z"}))


def json_message(text):
    return json.dumps({"timestamp": "2026-11-21T10:00:00Z", "level": "ERROR", "logger": "django.request", "message": "Internal Server Error: /checkout/", "exc_info": text})


def json_lines(text):
    before = json.dumps({"level": "info", "message": "GET /healthz/"})
    return before + "\n" + json_message(text) + "\n" + before


def json_behind_prefix(text):
    return f"web-1  | {json_message(text)}"


def json_string(text):
    return json.dumps(text)


def json_cut(text):
    return json_message(text).removesuffix("}")[:-1] + "..."


def python_string(text):
    return repr(text)


def ansi(text):
    def paint(_, line):
        line = re.sub(r'File "([^"]+)", line (\d+), in (.+)', "File \x1b[35m\"\\1\"\x1b[0m, line \x1b[35m\\2\x1b[0m, in \x1b[35m\\3\x1b[0m", line)
        line = re.sub(r"([~^]+)$", "\x1b[1;31m\\1\x1b[0m", line)
        return re.sub(r"^([\w.]+(?:Error|Exception|Group)): (.*)$", "\x1b[1;35m\\1\x1b[0m: \x1b[35m\\2\x1b[0m", line)
    return _lines(text, paint)


def ansi_without_escape(text):
    return ansi(text).replace("\x1b", "")


def ansi_written_out(text):
    return ansi(text).replace("\x1b", "\\x1b")


def html_entities(text):
    return html.escape(text)


def html_entities_named(text):
    return html.escape(text).replace("&#x27;", "&#39;").replace(" ", "&nbsp;")


def html_page(text):
    return f"<pre><code class=\"language-python\">{html.escape(text, quote=False)}</code></pre>"


def html_breaks(text):
    return "<p>" + "<br>".join(html.escape(line) for line in text.split("\n")) + "</p>"


def quoted(text):
    return _lines(text, lambda _, line: f"> {line}")


def quoted_twice(text):
    return _lines(text, lambda _, line: f">> {line}")


def fenced(text):
    return f"I get this error since yesterday:\n\n```python\n{text}\n```\n\nAny ideas what is wrong here? Thanks: it worked before.\n"


def indented(text):
    return "This is the log:\n\n" + textwrap.indent(text, "    ") + "\n\nWhat does it mean?\n"


def crlf(text):
    return text.replace("\n", "\r\n")


def nbsp(text):
    return text.replace(" ", "\u00a0")


def tabs(text):
    return re.sub(r"(?m)^( +)", lambda found: "\t" * (len(found[1]) // 2), text)


def smart_quotes(text):
    return re.sub(r'"([^"\n]*)"', "“\\1”", text).replace("'", "’")


def markdown_escapes(text):
    return _lines(text, lambda _, line: line.replace("_", "\\_").replace("<", "\\<").replace("*", "\\*") if 'File "' in line else line)


def markdown_bold(text):
    return _lines(text, lambda _, line: re.sub(r"\b__(\w+?)__\b", r"**\1**", line) if 'File "' in line else line)


def trailing_blanks(text):
    return _lines(text, lambda number, line: line + " " * (number % 5))


def double_spaced(text):
    return text.replace("\n", "\n\n")


def unindented(text):
    return _lines(text, lambda _, line: line.lstrip())


def after_log_text(text):
    return f"2026-11-21 10:00:00,123 ERROR [django.request] Internal Server Error: /checkout/\n{text}\n2026-11-21 10:00:00,125 INFO [uvicorn.access] 10.0.0.9:5000 - \"GET /checkout/ HTTP/1.1\" 500"


def wrapped_80(text):
    return _wrapped(text, 80)


def wrapped_100(text):
    return _wrapped(text, 100)


def wrapped_120(text):
    return _wrapped(text, 120)


def _wrapped(text, width):
    """Cut hard, as a terminal does."""
    return "\n".join(piece for line in text.split("\n") for piece in ([line[at:at + width] for at in range(0, len(line), width)] or [""]))


def folded_80(text):
    """Cut at words, as a mail program does."""
    return "\n".join(piece for line in text.split("\n") for piece in (textwrap.wrap(line, 80, drop_whitespace=True, replace_whitespace=False) or [""]))


SAME = [
    compose, compose_timestamps, journald, heroku, fly, request_id, apache, kubernetes, docker_json, json_message, json_lines, json_behind_prefix, json_string, json_cut, python_string,
    ansi, ansi_without_escape, ansi_written_out, html_entities, html_entities_named, html_page, html_breaks, quoted, quoted_twice, fenced, indented, crlf, nbsp, tabs, smart_quotes,
    markdown_escapes, markdown_bold, trailing_blanks, double_spaced, unindented, after_log_text, wrapped_80, wrapped_100, wrapped_120, folded_80,
]


def windows(text):
    """The same trace from a Windows machine: every path on drive C with back slashes."""
    def there(found):
        path = found[1].replace("/.venv/lib/python3.11/", "/.venv/Lib/").replace("/.venv/lib/python3.13/", "/.venv/Lib/").replace("/usr/lib/python3.11/", "/Python311/Lib/").replace("/usr/lib/python3.13/", "/Python313/Lib/")
        return 'File "C:' + path.replace("/", "\\") + '"' if path.startswith("/") else found[0]
    return re.sub(r'File "([^"\n]+)"', there, text)


def cut_top(text, seed=7):
    """Without its first lines, beginning in the middle of a line."""
    lines = text.split("\n")
    if len(lines) < 6:
        return text
    start = random.Random(seed).randrange(2, len(lines) // 2 + 1)
    return "\n".join([lines[start][len(lines[start]) // 2:], *lines[start + 1:]])


def cut_bottom(text, seed=7):
    """Without its last lines, ending in the middle of a line."""
    lines = text.split("\n")
    if len(lines) < 6:
        return text
    end = random.Random(seed).randrange(len(lines) // 2, len(lines) - 1)
    return "\n".join([*lines[:end], lines[end][:len(lines[end]) // 2]])


# Two sources in one log: (name, prefixes); what is between braces is filled with the number of the line.
MIXED = {
    "compose": ("web-1     | ", "web-2     | "),
    "compose, two services": ("web-1     | ", "worker-12 | "),
    "compose with times": ("web-1  | 2026-11-21T10:00:{0:02d}.389Z ", "web-2  | 2026-11-21T10:00:{0:02d}.389Z "),
    "gunicorn": ("gunicorn[123]: ", "gunicorn[124]: "),
    "journald": ("Nov 21 18:01:{0:02d} shop-host gunicorn[123]: ", "Nov 21 18:01:{0:02d} shop-host gunicorn[124]: "),
    "stern": ("shop-7d9f8b6c5d-x2x7k web ", "shop-7d9f8b6c5d-9qrvz web "),
    "stern, a name without digits": ("shop-7d9f8b6c5d-x2x7k web ", "shop-7d9f8b6c5d-xkxqk web "),
    "kubectl": ("[pod/shop-7d9f8b6c5d-x2x7k/web] ", "[pod/shop-7d9f8b6c5d-xkxqk/web] "),
    "heroku": ("2026-11-21T10:00:{0:02d}.123456+00:00 app[web.1]: ", "2026-11-21T10:00:{0:02d}.123456+00:00 app[web.2]: "),
    "request ids": ("order-91c2 | ", "order-77aa | "),
}


def mixed(texts, prefixes, order):
    """Two texts in one log: line by line, one in the middle of the other ("inside"), or in turns of three lines ("blocks")."""
    one, other = (text.split("\n") for text in texts)
    if order == "inside":
        lines = [(0, line) for line in one[:4]] + [(1, line) for line in other] + [(0, line) for line in one[4:]]
    else:
        size = {"lines": 1, "blocks": 3}[order]
        lines = [(which, line) for start in range(0, max(len(one), len(other)), size) for which, text in enumerate((one, other)) for line in text[start:start + size]]
    return "\n".join(prefixes[which].format(number % 60) + line for number, (which, line) in enumerate(lines))
