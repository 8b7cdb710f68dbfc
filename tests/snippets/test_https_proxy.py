"""The steps of the diagnosis on deploy/https-proxy are run against setups that are right, and against some that are wrong."""

import dataclasses
import json
import re
import sys

import pytest

from lab import client, recipes, serve

FOLDER = recipes.SNIPPETS / "https-proxy"
STEPS = ["1-as-a-visitor.sh", "2-as-the-proxy.sh", "3-redirects.sh", "4-forged.sh", "5-csrf.sh"]
FORGED = ["203.0.113.9", "elsewhere.example"]


def with_whoami(*lines):
    """Adds the view of the diagnosis to the copied project, and `lines` to its settings."""

    def before(run):
        (run.project / "shop" / "whoami.py").write_text((FOLDER / "whoami.py").read_text())
        urls = run.project / "config" / "urls.py"
        text = urls.read_text()
        urls.write_text(
            text.replace("from shop import", "from shop.whoami import whoami\nfrom shop import", 1)
            + '\nurlpatterns += [path("whoami/", whoami)]\n'
        )
        settings = run.project / "config" / "settings.py"
        settings.write_text(settings.read_text() + "\n".join(["", *lines, ""]))

    return before


def ask(run, step):
    """What a step prints, run as the reader types it, with the addresses of this run."""
    with open(run.folder / ".curlrc", "a") as file:  # example.com is this machine over plain HTTP, too
        file.write(f'connect-to = "{client.HOST}:80:127.0.0.1:{run.http_port}"\n')
    text = (FOLDER / step).read_text().replace("127.0.0.1:8000", f"127.0.0.1:{run.port}")
    return run.run(text).stdout


def seen(run, step):
    """What a step with the view shows: the parsed answer."""
    return json.loads(ask(run, step))


def forbidden_because(run):
    """The reason in the log after the step that posts a form."""
    mark = run.mark()
    assert ask(run, "5-csrf.sh").strip() == "403"
    run.wait_for_log(r"Forbidden \(", mark)
    return re.search(r"Forbidden \((.+?)\)", run.log(mark)).group(1)


@pytest.mark.parametrize("name", ["gunicorn-gthread-behind-nginx-tcp", "granian-wsgi-behind-nginx-tcp"])
def test_the_steps_say_that_a_right_setup_is_right(name):
    """With the settings of the page: a server that believes the header by itself, and one that leaves it to Django."""
    with serve.running(recipes.setup(name), before=with_whoami((FOLDER / "settings.py").read_text())) as run:
        visitor = seen(run, "1-as-a-visitor.sh")
        assert visitor["is_secure"] and visitor["build_absolute_uri"] == "https://example.com/whoami/"
        assert visitor["headers"]["X-Forwarded-Proto"] == "https"
        proxy = seen(run, "2-as-the-proxy.sh")
        assert proxy["is_secure"] and proxy["headers"]["X-Forwarded-For"] == "203.0.113.9"
        assert ask(run, "3-redirects.sh").strip() == "200, 1 redirects, https://example.com/"
        forged = ask(run, "4-forged.sh")
        assert json.loads(forged)["is_secure"] and not [claim for claim in FORGED if claim in forged]
        assert forbidden_because(run) == "CSRF cookie not set."


def test_a_server_that_does_not_trust_the_proxy_shows_as_a_header_without_effect():
    """Granian leaves the header to Django, which was not told: also the loop of SECURE_SSL_REDIRECT."""
    setup = recipes.setup("granian-wsgi-behind-nginx-tcp")
    with serve.running(setup, before=with_whoami()) as run:
        visitor = seen(run, "1-as-a-visitor.sh")
        assert not visitor["is_secure"] and visitor["headers"]["X-Forwarded-Proto"] == "https"
        assert not seen(run, "2-as-the-proxy.sh")["is_secure"]
        assert forbidden_because(run).startswith("Origin checking failed - https://example.com does not match")
    redirecting = with_whoami("SECURE_SSL_REDIRECT = True", 'SECURE_REDIRECT_EXEMPT = ["^healthz/"]')
    with serve.running(setup, before=redirecting) as run:
        assert re.match(r"301, 10 redirects, https://example\.com/$", ask(run, "3-redirects.sh").strip())


def test_a_server_that_removes_the_header_shows_as_no_header():
    setup = recipes.setup("waitress-behind-nginx-tcp")
    with serve.running(setup, changes=("default-trust",), before=with_whoami()) as run:
        visitor = seen(run, "1-as-a-visitor.sh")
        assert not visitor["is_secure"] and visitor["headers"]["X-Forwarded-Proto"] is None
        assert seen(run, "2-as-the-proxy.sh")["headers"]["X-Forwarded-Proto"] is None


def behind_a_load_balancer(run):
    """The changes of the page: load-balancer.conf, no redirecting server, and the other one on port 80 without TLS."""
    text = (FOLDER / "load-balancer.conf").read_text()
    assert text.count("10.0.0.0/8 ") + text.count("10.0.0.0/8;") == 3
    (run.folder / "conf.d" / "load-balancer.conf").write_text(text.replace("10.0.0.0/8", f"{client.CLIENT_ADDRESS}/32"))
    site = run.folder / "conf.d" / "django.conf"
    text, redirecting = re.subn(r"server \{\n    listen [^}]*return 301 [^}]*\}\n", "", site.read_text())
    text, listening = re.subn(r"listen \S+ ssl;", f"listen 127.0.0.1:{run.http_port};", text)
    text, certificates = re.subn(r"    ssl_\w+ .*;\n", "", text)
    assert (redirecting, listening, certificates) == (1, 1, 4)
    assert text.count("X-Forwarded-Proto $scheme;") == 1
    site.write_text(text.replace("X-Forwarded-Proto $scheme;", "X-Forwarded-Proto $original_scheme;"))


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second address on the loopback interface")
def test_nginx_behind_a_load_balancer_believes_the_load_balancer_and_nobody_else():
    """By plain HTTP on the one port that is left: the load balancer (CLIENT_ADDRESS) and a stranger (127.0.0.1) claim both."""
    with serve.running(recipes.setup("gunicorn-gthread-behind-nginx-tcp")) as run:
        # What the page warns of: plain HTTP to the port that is left when only the redirecting server is removed.
        assert client.get(client.Address(port=run.https_port), "/request/").status == 400
        behind_a_load_balancer(run)
        run.reload_proxy()
        balancer = dataclasses.replace(run.plain, source=client.CLIENT_ADDRESS)
        stranger = dataclasses.replace(run.plain, source="127.0.0.1")

        def asked(address, scheme):
            return client.get(address, "/request/", {"X-Forwarded-Proto": scheme, "X-Forwarded-For": "203.0.113.9"})

        # The redirecting server answers until nginx has loaded the change.
        assert serve.wait_until(lambda: asked(balancer, "https").status == 200, 20, 0.1)
        for scheme in ("https", "http"):
            believed = asked(balancer, scheme).json()
            assert believed["is_secure"] == (scheme == "https") and believed["x_forwarded_for"] == "203.0.113.9", believed
            doubted = asked(stranger, scheme).json()
            assert not doubted["is_secure"] and doubted["x_forwarded_for"] == "127.0.0.1", doubted

        # redirect.conf: who came by HTTP is redirected, who came by HTTPS and the health check are not.
        (run.folder / "django.d").mkdir(exist_ok=True)
        (run.folder / "django.d" / "redirect.conf").write_text((FOLDER / "redirect.conf").read_text())
        run.reload_proxy()
        assert serve.wait_until(lambda: asked(balancer, "http").status == 301, 20, 0.1)
        assert asked(balancer, "http").headers["location"] == "https://example.com/request/"
        assert asked(balancer, "https").json()["is_secure"]
        assert client.get(balancer, "/healthz/").status == 200


def test_every_step_is_a_script_of_the_page():
    assert sorted(path.name for path in FOLDER.glob("*.sh")) == STEPS
