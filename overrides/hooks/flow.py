"""Flowcharts, drawn from a file such as `docs/choose/flow.yml`: chart, stepper, table and outcomes.

A file holds `start`, `questions`, `outcomes`; `unsure`, the outcome of “not sure” throughout; `page`, where the outcomes have
headings of their own, if they do; and `words`, what is called differently from WORDS.
"""

from html import escape

import builder
from data import DOCS, Missing, load

CHOOSE = "choose/flow.yml"
ADVISOR = "faster/flow.yml"
MOST_QUESTIONS = 7

WORDS = {
    "ja": {
        "chart": "決定フローチャート", "start": "ここから", "steps": "質問に答えて選ぶ", "restart": "最初からやり直す", "back": "1 つ戻る",
        "change_answer": "変更", "copy": "結果の URL をコピー", "copied": "コピーしました", "result": "結果",
        "copy_file": "設定をコピーする", "build": "設定一式を組み立てる", "server_page": "サーバーのページへ（まだ実行していません）", "step": "この段の手順を見る", "why": "理由", "changes": "この答えが変わるとき", "more": "詳しく", "table": "表で見る",
        "question": "質問", "answer": "答え", "next": "次", "interface": "インターフェース", "server": "サーバー", "page": "次に読むページ",
        "unknown": "この URL には、このフローチャートにない答えが含まれています。最初の質問から始めてください。",
        "of": "質問 {n}", "hint": "枠はすべてリンクです。分からない質問は「分からない」で先へ進めます。",
    },
    "en": {
        "chart": "Decision flowchart", "start": "Start", "steps": "Answer the questions", "restart": "Start again", "back": "Back one step",
        "change_answer": "change", "copy": "Copy the address of this result", "copied": "Copied", "result": "Your answer",
        "copy_file": "Copy the configuration", "build": "Build all files", "server_page": "About this server (not run here yet)", "step": "See this step", "why": "Why", "changes": "What would change this answer", "more": "Details", "table": "The same as a table",
        "question": "Question", "answer": "Answer", "next": "Next", "interface": "Interface", "server": "Server", "page": "Read next",
        "unknown": "This address holds answers that the flowchart does not know. Please start with the first question.",
        "of": "Question {n}", "hint": "Every box is a link. “Not sure” is always an answer.",
    },
}


def problems(flow: dict, pages: set[str]) -> list[str]:
    """What is wrong with a flowchart, one sentence each; `pages` are paths such as `servers/uvicorn` that exist in both languages.

    The rules: at most seven questions; every answer leads to a question or an outcome; "unsure" is
    always an answer; answering "unsure" throughout ends where the file says; nothing is out of
    reach; no way leads in a circle; every outcome and what would change it have their page.
    """
    questions, outcomes_ = flow["questions"], flow["outcomes"]
    found = []
    if len(questions) > MOST_QUESTIONS:
        found.append(f"There are {len(questions)} questions; take away all but {MOST_QUESTIONS}.")
    for name, question in questions.items():
        if "unsure" not in [answer["id"] for answer in question["answers"]]:
            found.append(f"The question {name} cannot be answered with “not sure”; add an answer with the id unsure.")
        for answer in question["answers"]:
            if answer["to"] not in questions and answer["to"] not in outcomes_:
                found.append(f"The answer {name}.{answer['id']} leads to {answer['to']}, which does not exist; add it or lead elsewhere.")
    for name, outcome in outcomes_.items():
        targets = [outcome["page"]] + [change["page"] for change in outcome["change"] if "page" in change]
        for target in targets:
            page = target.split("#")[0].removesuffix(".md")
            if page not in pages:
                found.append(f"The outcome {name} names the page {target}, which is not there in both languages; write docs/{page}.ja.md and docs/{page}.en.md.")
    if found:
        return found
    ways = paths(flow)
    if ways is None:
        return ["Some answers lead in a circle; every way has to end in an outcome."]
    reached = {step for way in ways for step in way["nodes"]}
    for name in [*questions, *outcomes_]:
        if name not in reached:
            found.append(f"No answers lead to {name}; lead an answer there or take it away.")
    unsure = [way for way in ways if all(answer == "unsure" for _, answer in way["answers"])]
    if unsure[0]["nodes"][-1] != flow["unsure"]:
        found.append(f"“Not sure” to everything has to end at the outcome {flow['unsure']}.")
    return found


def paths(flow: dict) -> list[dict] | None:
    """Every way through: `{"answers": [(question, answer)], "nodes": [ids, outcome last]}`; None if there is a circle."""
    done, open_ = [], [{"answers": [], "nodes": [flow["start"]]}]
    while open_:
        way = open_.pop()
        here = way["nodes"][-1]
        if here in flow["outcomes"]:
            done.append(way)
            continue
        for answer in flow["questions"][here]["answers"]:
            if answer["to"] in way["nodes"]:
                return None
            open_.append({"answers": [*way["answers"], (here, answer["id"])], "nodes": [*way["nodes"], answer["to"]]})
    return done


def _checked(file: str) -> dict:
    flow = load(file)
    both = {str(path.relative_to(DOCS)).removesuffix(".ja.md") for path in DOCS.rglob("*.ja.md")}
    both &= {str(path.relative_to(DOCS)).removesuffix(".en.md") for path in DOCS.rglob("*.en.md")}
    found = problems(flow, both)
    if found:
        raise Missing(f"docs/{file}: " + " ".join(found))
    return flow


def flowchart(place, file: str = CHOOSE) -> str:
    """Block: the stepper with its results, the chart and the table."""
    flow = _checked(file)
    words = WORDS[place.lang] | {name: place.text(both) for name, both in flow.get("words", {}).items()}
    return (
        f'\n<div class="flow" data-unknown="{words["unknown"]}" data-copied="{words["copied"]}">\n'
        + _stepper(place, flow, words) + _chart(place, flow, words) + _table(place, flow, words)
        + f"{place.module('flow.js')}\n</div>\n"
    )


def advisor(place) -> str:
    """Block: the same for the steps of the ladder."""
    return flowchart(place, ADVISOR)


def _outcome_href(place, flow: dict, name: str) -> str:
    """Where an outcome is explained: under its heading, or on the page it names."""
    return place.href(f"{flow['page']}#outcome-{name}" if "page" in flow else flow["outcomes"][name]["page"])


def _label(place, answer: dict) -> str:
    """What an answer is called where there is little room."""
    return escape(place.text(answer.get("label", answer["text"])))


def _stepper(place, flow: dict, words: dict) -> str:
    """One fieldset per question. Without JavaScript every answer is a link to the next question or to its outcome."""
    steps = []
    for number, (name, question) in enumerate(flow["questions"].items(), 1):
        answers = "".join(
            f'<a class="flow-answer" data-answer="{answer["id"]}" data-to="{answer["to"]}" href="'
            + (f'#q-{answer["to"]}' if answer["to"] in flow["questions"] else _outcome_href(place, flow, answer["to"]))
            + f'">{escape(place.text(answer["text"]))}</a>'
            for answer in question["answers"]
        )
        steps.append(
            f'<fieldset class="flow-step" id="q-{name}" data-question="{name}">'
            f'<legend tabindex="-1"><span class="flow-number">{number}</span><span>{_code(place.text(question["ask"]))}</span></legend>'
            f'<p class="flow-help">{_code(place.text(question["help"]))}</p><div class="flow-answers">{answers}</div></fieldset>'
        )
    results = "".join(_result(place, flow, name, words) for name in flow["outcomes"])
    return (
        f'<section class="flow-stepper" aria-label="{words["steps"]}">'
        f'<p class="flow-message" role="status" hidden></p>'
        f'<ol class="flow-trail" data-change="{words["change_answer"]}" hidden></ol>'
        + "".join(steps)
        + f'<div class="flow-results">{results}</div>'
        f'<p class="flow-tools" hidden><button type="button" class="flow-back">{words["back"]}</button>'
        f'<button type="button" class="flow-restart">{words["restart"]}</button>'
        f'<button type="button" class="flow-copy">{words["copy"]}</button></p></section>\n'
    )


def _result(place, flow: dict, name: str, words: dict) -> str:
    """What the stepper shows at the end of a way; hidden until it is reached."""
    outcome = flow["outcomes"][name]
    more = f'<a class="flow-more" href="{_outcome_href(place, flow, name)}">{words["more"]}</a>' if "page" in flow else ""
    build = f'<a class="flow-more" href="{place.href("tools/config.md")}?{escape(builder.query(outcome["build"]))}">{words["build"]}</a>' if "build" in outcome else ""
    change = "".join(
        f'<li>{_code(place.text(entry))}' + (f' <a href="{place.href(entry["page"])}">{words["more"]}</a>' if "page" in entry else "") + "</li>"
        for entry in outcome["change"]
    )
    why = "".join(f"<li>{_code(place.text(entry))}</li>" for entry in outcome["why"])
    return (
        f'<section class="flow-result" data-result="{name}"{_interface(outcome)} hidden>'
        f'<p class="flow-result-title" tabindex="-1"><small>{words["result"]}</small>{escape(place.text(outcome["title"]))}</p>'
        f'<ul>{why}</ul><p class="flow-result-label">{words["changes"]}</p><ul>{change}</ul>'
        f'<p><a class="flow-go" href="{place.href(outcome["page"])}">{_go(outcome, words)}</a>{build}{more}</p></section>'
    )


def _go(outcome: dict, words: dict) -> str:
    """What an outcome's button says: a configuration to copy, a step of the ladder, or a server that was not run here."""
    page = outcome["page"]
    return words["copy_file" if page.endswith("#copy") else "step" if page.startswith("faster/") else "server_page"]


def _code(words: str) -> str:
    """Escape, and let `backquotes` mark code as they do in Markdown."""
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(escape(words).split("`")))


def _interface(outcome: dict) -> str:
    """What gives an outcome its colour; a step of the ladder has none."""
    return f' data-interface="{outcome["interface"]}"' if "interface" in outcome else ""


def _name(place, outcome: dict) -> str:
    """What stands in an outcome's box: the server with its interface, or the step."""
    if "interface" in outcome:
        return f'<b>{outcome["server"]}</b><span class="flow-tag">{outcome["interface"]}</span>'
    return f'<b>{escape(place.text(outcome["step"]))}</b>'


def _chart(place, flow: dict, words: dict) -> str:
    """Questions down a spine; the answers that decide branch off to their outcomes."""
    rows = []
    for number, (name, question) in enumerate(flow["questions"].items(), 1):
        labels, onward = {}, []  # outcome -> labels of the answers that lead there; labels of the answers that go on
        for answer in question["answers"]:
            label = f'<span data-edge="{name}.{answer["id"]}">{_label(place, answer)}</span>'
            if answer["to"] in flow["questions"]:
                onward.append(label)
            else:
                labels.setdefault(answer["to"], []).append(label)
        exits = "".join(
            f'<li class="flow-exit"><span class="flow-label">{"".join(labels[to])}</span>'
            f'<a class="flow-outcome" data-node="{to}"{_interface(flow["outcomes"][to])} href="{_outcome_href(place, flow, to)}">'
            f'<span>{_name(place, flow["outcomes"][to])}</span>'
            f'<small>{escape(place.text(flow["outcomes"][to]["short"]))}</small></a></li>'
            for to in labels
        )
        down = f'<p class="flow-down"><span class="flow-label">{"".join(onward)}</span></p>' if onward else ""
        rows.append(
            f'<li class="flow-row"><a class="flow-question" data-node="{name}" href="#q-{name}">'
            f'<span class="flow-number">{number}</span><span>{escape(place.text(question["short"]))}</span></a>'
            f'<ul class="flow-exits">{exits}</ul>{down}</li>'
        )
    return (
        f'<nav class="flow-chart" aria-label="{words["chart"]}"><p class="flow-hint">{words["hint"]}</p>'
        f'<ol class="flow-spine">{"".join(rows)}</ol></nav>\n'
    )


def _table(place, flow: dict, words: dict) -> str:
    """The same decisions as a table."""
    numbers = {name: number for number, name in enumerate(flow["questions"], 1)}
    rows = []
    for name, question in flow["questions"].items():
        for position, answer in enumerate(question["answers"]):
            to = answer["to"]
            if to in numbers:
                target = f'<a href="#q-{to}">{words["of"].format(n=numbers[to])}</a>'
            else:
                target = f'<a href="{_outcome_href(place, flow, to)}">{escape(place.text(flow["outcomes"][to]["title"]))}</a>'
            first = "" if position else f'<th scope="rowgroup" rowspan="{len(question["answers"])}">{numbers[name]}. {_code(place.text(question["ask"]))}</th>'
            rows.append(f'<tr>{first}<td>{escape(place.text(answer["text"]))}</td><td>{target}</td></tr>')
    return (
        f'<details class="flow-table"><summary>{words["table"]}</summary><table><thead><tr><th>{words["question"]}</th>'
        f'<th>{words["answer"]}</th><th>{words["next"]}</th></tr></thead><tbody>{"".join(rows)}</tbody></table></details>'
    )


def outcomes(place) -> str:
    """Block: every outcome with its reasons, its pages and what would change it, under a heading of its own."""
    flow, words = _checked(CHOOSE), WORDS[place.lang]
    parts = []
    for name, outcome in flow["outcomes"].items():
        why = "\n".join(f"- {place.text(entry)}" for entry in outcome["why"])
        change = "\n".join(
            f"- {place.text(entry)}" + (f' [{words["more"]}]({place.link(entry["page"])})' if "page" in entry else "") for entry in outcome["change"]
        )
        build = f' [{words["build"]}]({place.link("tools/config.md")}?{builder.query(outcome["build"])})' if "build" in outcome else ""
        parts.append(
            f'### {place.text(outcome["title"])} {{ #outcome-{name} }}\n\n{why}\n\n**{words["changes"]}**\n\n{change}\n\n'
            f'[{_go(outcome, words)}]({place.link(outcome["page"])}){{ .flow-go }}{build}\n'
        )
    return "\n" + "\n".join(parts)
