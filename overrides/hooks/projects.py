"""The state of each project, from `docs/servers/projects.yml`."""

import records
from data import Missing, load

FILE = "servers/projects.yml"

WORDS = {
    "ja": {"project": "名前", "state": "状態", "version": "最新版", "supports": "対応する Python", "platforms": "環境", "source": "出典",
           "colon": "：", "open": "（", "close": "）", "checked": "{date} に、パッケージの情報と出典を確かめました。状態の分け方：「活発」は今年リリースがあり開発が続いているもの、「動きが少ない」は 1 年ほどリリースがないもの、「保守モード」は修正だけと宣言しているもの。"},
    "en": {"project": "Project", "state": "State", "version": "Newest version", "supports": "Python supported", "platforms": "Platforms", "source": "source",
           "colon": ": ", "open": " (", "close": ")", "checked": "Package data and sources were checked on {date}. The states: active, a release this year and development going on; quiet, no release for about a year; maintenance mode, fixes only, by its own word."},
}


def table(place) -> str:
    """Block: a row per project, and when it was checked."""
    data, words = load(FILE), WORDS[place.lang]
    rows = []
    for project in data["projects"]:
        if project["state"] not in data["states"]:
            raise Missing(f"docs/{FILE}: {project['name']} has the state {project['state']!r}; use one of {', '.join(data['states'])}.")
        name = f"[{project['name']}]({place.link(project['page'])})" if "page" in project else project["name"]
        supports = place.text(project["python"])
        if "django" in project:
            supports += f"<br>Django{words['colon']}{place.text(project['django'])}"
        state = f"**{place.text(data['states'][project['state']])}**{words['colon']}{place.text(project['says'])}"
        rows.append([
            name,
            f"{state}{words['open']}[{words['source']}]({project['source']}){words['close']}",
            f"{project['version']}<br><time>{project['released']}</time>",
            supports,
            place.text(project["platforms"]),
        ])
    header = [words[key] for key in ("project", "state", "version", "supports", "platforms")]
    return records.table(header, rows) + "\n" + words["checked"].format(date=data["checked"]) + "\n"
