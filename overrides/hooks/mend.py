"""Links to mend something: edit a page or a file, say that it is wrong. Without REPO_URL there is no link to edit, and the other leads to the page that says how."""

from html import escape
from urllib.parse import quote, urlencode, urlsplit

REPORT = "about/index.md#report"
WORDS = {
    "ja": {"edit": "編集", "wrong": "間違いを報告", "edit_named": "編集：{name}", "wrong_named": "間違いを報告：{name}", "title": "間違い：{name}",
           "body": "場所：{where}\n\n何が違うか：\n\n正しい内容と、その根拠（版、ログ、出典）：\n"},
    "en": {"edit": "Edit", "wrong": "This is wrong", "edit_named": "Edit: {name}", "wrong_named": "This is wrong: {name}", "title": "Wrong: {name}",
           "body": "Where: {where}\n\nWhat is wrong:\n\nWhat is right, and how you know (versions, log, source):\n"},
}  # fmt: skip


def edit_url(config, path: str) -> str | None:
    """The address at which `path`, such as `docs/index.en.md`, is edited; None without a repository."""
    if not config.repo_url:
        return None
    below = config.extra["edit_uri"].rstrip("/").removesuffix("docs")
    return f"{config.repo_url.rstrip('/')}/{below}{quote(path)}"


def report_url(config, lang: str, name: str, where: str = "") -> str | None:
    """The address of a new issue about `name`, its text begun where `where` says which page; None without a repository."""
    if not config.repo_url:
        return None
    repository = config.repo_url.rstrip("/")
    gitlab = "gitlab" in urlsplit(repository).netloc
    fields = {"issue[title]" if gitlab else "title": WORDS[lang]["title"].format(name=name)}
    if where:
        fields["issue[description]" if gitlab else "body"] = WORDS[lang]["body"].format(where=where)
    return f"{repository}{'/-' if gitlab else ''}/issues/new?{urlencode(fields, quote_via=quote)}"


def for_snippet(place, config, path: str) -> str:
    """Inline HTML: the links of one file below snippets/, for the line under it. The title says all: a page has dozens of these."""
    words, file = WORDS[place.lang], f"snippets/{path.split(':')[0]}"
    name = file.rsplit("/", 1)[-1]
    links = [
        ("edit", edit_url(config, file)),
        ("wrong", report_url(config, place.lang, f"{file} ({place.url})") or place.href(REPORT)),
    ]
    shown = [
        f'<a href="{escape(address)}" aria-label="{escape(words[f"{key}_named"].format(name=name))}">{words[key]}</a>'
        for key, address in links if address
    ]
    return f'<span class="mend" data-search-exclude>{" ".join(shown)}</span>'
