"""What a host should send with the pages: Content-Security-Policy and the rest, for every kind of host from one place.

`_headers` for Netlify and Cloudflare Pages, `_headers.nginx.conf` to include in nginx, and a <meta> in every page for hosts
whose headers cannot be set, such as GitHub Pages. Inline scripts are allowed by their hashes, taken from the built pages.
"""

import base64
import re
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = re.compile(r"<script(?P<attributes>(?:\s[^>]*)?)>(?P<text>.*?)</script>", re.S | re.I)
# A type that is none of a script's makes it data to a browser, such as JSON, and no policy stops it.
DATA = re.compile(r"\stype\s*=\s*[\"']?(?![\"']|module\b|importmap\b|speculationrules\b|[\w/-]*javascript\b)", re.I)
HASHED = re.compile(r"\.[0-9a-f]{8,}\.(?:min\.)?\w+$")  # a name that changes with its content: main.57a0d79d.min.css
FOREVER, ASK = "public, max-age=31536000, immutable", "no-cache"  # no-cache: keep it, but ask whether it changed
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Material's icons are images in its stylesheet
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def hashes(html: str) -> list[str]:
    """The `sha256-…` of every inline script of a page that is run, sorted."""
    found = set()
    for script in SCRIPT.finditer(html):
        if not re.search(r"\ssrc\s*=", script["attributes"], re.I) and not DATA.search(script["attributes"]):
            found.add("sha256-" + base64.b64encode(sha256(script["text"].encode()).digest()).decode())
    return sorted(found)


def policy(allowed: list[str], meta: bool = False) -> str:
    """The policy with the inline scripts it allows. In a <meta>, browsers ignore frame-ancestors and say so."""
    parts = {**POLICY, "script-src": " ".join(["'self'", *(f"'{name}'" for name in allowed)])}
    if not meta:
        parts["frame-ancestors"] = "'none'"
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def hashed(folder: Path) -> list[str]:
    """The files whose names change with their content, below the site's root."""
    return sorted(path.relative_to(folder).as_posix() for path in (folder / "assets").rglob("*") if path.is_file() and HASHED.search(path.name))


def for_netlify(allowed: list[str], files: list[str], site_url: str) -> str:
    """`_headers`, read by Netlify and Cloudflare Pages. No two rules set the same header for one file: Cloudflare would join them."""
    base = urlsplit(site_url).path or "/"
    rules = [f"{base}*", *(f"  {name}: {value}" for name, value in {"Content-Security-Policy": policy(allowed), **OTHERS}.items())]
    for file in files:
        rules += [f"{base}{file}", f"  Cache-Control: {FOREVER}"]
    return "\n".join(rules) + "\n"


def for_nginx(allowed: list[str], site_url: str) -> str:
    """`_headers.nginx.conf`, to include in the server block; it compresses, too (text/html always is). `add_header` in a location below it would replace all of these."""
    base = urlsplit(site_url).path or "/"
    headers = "\n".join(f'add_header {name} "{value}" always;' for name, value in {"Content-Security-Policy": policy(allowed), **OTHERS}.items())
    return f"""\
# Include this in the server block of the site. A location with an add_header of its own has to include it again.
# Take gzip and charset out of that block if they are there: nginx allows each of them once.
{headers}
set $site_cache "{ASK}";
if ($uri ~ "\\.[0-9a-f]{{8,}}\\.(min\\.)?[a-z0-9]+$") {{ set $site_cache "{FOREVER}"; }}
add_header Cache-Control $site_cache always;
error_page 404 {base}404.html;
charset utf-8;
charset_types text/plain text/css text/xml application/javascript application/json application/atom+xml;
gzip on;
gzip_vary on;
gzip_min_length 1024;
gzip_types text/css text/plain text/xml application/javascript application/json application/atom+xml image/svg+xml application/manifest+json;
default_type text/plain;  # Markdown: nginx knows no type for it
"""


def write(folder: Path, allowed: list[str], site_url: str) -> None:
    """Write both header files into the built site."""
    (folder / "_headers").write_text(for_netlify(allowed, hashed(folder), site_url), "utf-8")
    (folder / "_headers.nginx.conf").write_text(for_nginx(allowed, site_url), "utf-8")
