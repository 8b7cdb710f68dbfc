"""The chat of the Channels page as its users have it: Chromium, nginx, Uvicorn with two processes, Redis."""

import pytest

from lab import recipes, redis, serve

HOSTS = "example.com,127.0.0.1"  # the browser asks for 127.0.0.1: it has no name server for example.com


@pytest.fixture(scope="module")
def chat():
    """(address of the chat page, lab.serve.Running) of the recipe behind nginx."""
    with redis.server() as own, serve.running(
        recipes.setup("channels-behind-nginx-tcp"), environment={"DJANGO_ALLOWED_HOSTS": HOSTS}, redis=own
    ) as server:
        yield f"https://127.0.0.1:{server.https_port}/chat/", server


@pytest.mark.timeout(180)
def test_a_message_reaches_another_browser_before_and_after_a_deploy(browser, chat):
    address, server = chat
    contexts = [browser.new_context(ignore_https_errors=True) for _ in range(2)]
    speaker, listener = (context.new_page() for context in contexts)
    for page in (speaker, listener):
        page.goto(address)
        page.get_by_text("connected", exact=True).wait_for()
    say(speaker, "hello")
    listener.get_by_text("hello (process").wait_for()
    # When the state changes, however briefly
    for page in (speaker, listener):
        page.evaluate(
            "new MutationObserver(() => { window.states = [...(window.states || []), state.textContent]; })"
            ".observe(document.getElementById('state'), { childList: true })"
        )
    before = server.workers()
    done = server.run(server.script("reload.sh"))
    assert done.returncode == 0, done.stderr
    # A page may have gone over to the other old worker, and has to move once more.
    assert serve.wait_until(lambda: not server.workers() & before, 60, 0.2)
    for page in (speaker, listener):
        page.wait_for_function("(window.states || []).includes('reconnecting') && window.states.at(-1) === 'connected'", timeout=60_000)
    say(speaker, "after the deploy")
    listener.get_by_text("after the deploy (process").wait_for()
    for context in contexts:
        context.close()


def say(page, text):
    """Type a message and send it."""
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()
