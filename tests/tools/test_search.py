"""What the search's index is made of, and how its words are read."""

import hashlib
import json
import subprocess

import pytest
import search
import sections
from mkdocs.exceptions import PluginError
from place import Place

from tests.site.parity import ROOT

SCRIPTS = ROOT / "docs/assets/javascripts"
PLACE = Place("en", "a.en.md", "en/a/")
HTML = """
<h1 id="a">A page<a class="headerlink" href="#a">&para;</a></h1><p>It begins.</p><p>And goes on.</p>
<h2 id="b">With <code>code</code></h2><pre><code># a comment
proxy_read_timeout 60s;</code></pre><script>let hidden</script>
<table><thead><tr><th>seen</th><th>read</th></tr></thead><tbody><tr><td>a <code>502</code></td>
<td><a class="outcome" href="../evidence/">recorded</a><a href="../../c/#d">there</a></td></tr></tbody></table>
<div class="chart"><p>drawn <b>twice</b></p></div><p>the end
"""


def test_a_page_is_cut_at_its_headings():
    first, second = sections.sections(HTML)
    assert (first.id, first.title, first.prose.split()) == ("", "A page", ["It", "begins.", "And", "goes", "on."])
    assert (second.id, second.title, second.prose.split()) == ("b", "With code", ["the", "end"])
    assert "proxy_read_timeout" in second.code
    assert second.rows[1].cells == ["a 502", "there"]
    assert second.rows[1].links == ["../../c/#d"]


def entry(html=HTML, place=PLACE, **meta):
    return search.entry(place, {"title": "A", "description": "Says what it is.", **meta}, html)


def test_what_is_written_of_a_page():
    [page] = search.index([entry(keywords=["other words", {"b": "of a heading"}], search={"boost": 0.5})], "en")
    assert page["u"] == "en/a/" and page["d"] == "Says what it is." and page["k"] == "other words" and page["w"] == 0.5
    assert page["s"][0] == ["", "A page", "It begins. And goes on."]
    heading, title, shown, rare, keywords = page["s"][1]
    assert (heading, title, shown, keywords) == ("b", "With code", "the end", "of a heading")
    assert "proxy_read_timeout" in rare.split() and "comment" not in rare


def test_a_file_is_a_keyword_of_the_section_that_shows_it():
    """But for names that most sections have, such as start.sh."""
    html = HTML.replace("<pre>", '<div class="highlight"><span class="filename">nginx.conf</span><pre>').replace("</pre>", "</pre></div>")
    [page] = search.index([entry(html)], "en")
    assert page["s"][1][4] == "nginx.conf"
    many = [entry(html.replace("nginx.conf", "start.sh"), Place("en", f"{n}.en.md", f"{n}/")) for n in range(search.RARE_NAME + 1)]
    assert all(len(page["s"][1]) < 5 for page in search.index(many, "en"))


def test_of_a_record_only_the_title_is_searched():
    assert search.index([entry(search={"exclude": True})], "en") == [{"u": "en/a/", "t": "A", "w": search.RECORDS}]


def test_symptoms_are_passed_on_to_what_they_link():
    there = entry('<h1 id="c">C</h1><h2 id="d">D</h2><p>Text.</p>', Place("en", "c.en.md", "c/"))
    search.index([entry(search={"passes_on": True}), there], "en")
    assert there["of_heading"] == {"d": ["a 502"]}


def test_keywords_of_a_heading_that_is_not_there_are_refused():
    with pytest.raises(PluginError, match="a.en.md: keywords are given for #gone"):
        entry(keywords=[{"gone": "words"}])


@pytest.mark.parametrize(("text", "shown"), [
    ("Short.", "Short."),
    ("A first sentence. A second one that is longer.", "A first sentence."),
    ("A sentence without an end in sight, at all", "A sentence without an…"),
])
def test_the_beginning_of_a_text_ends_with_a_sentence_or_a_word(text, shown):
    assert search.beginning(text, 24) == shown


def node(expression):
    """The value of an expression in which `text` is the module text.js, and `senses` what senses.js finds."""
    source = "".join(f"import {what} from {json.dumps((SCRIPTS / 'search' / file).as_uri())};" for what, file in (("* as text", "text.js"), ("{senses}", "senses.js")))
    source += f"console.log(JSON.stringify({expression}))"
    done = subprocess.run(["node", "--input-type=module", "-e", source], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.parametrize(("one", "other"), [("サーバー", "サーバ"), ("ﾒﾓﾘ", "メモリー"), ("Workers", "worker"), ("ＵＷＳＧＩ", "uwsgi"), ("connections", "connected")])
def test_spellings_give_the_same_terms(one, other):
    first, second = node(f"[text.terms({json.dumps(one)}), text.terms({json.dumps(other)})]")
    assert first == second and first


@pytest.mark.parametrize(("query", "subject"), [
    ("[2024-06-18 05:53:46 +0900] [7] [CRITICAL] WORKER TIMEOUT (pid:12)", ["WORKER", "TIMEOUT"]),
    ('2026/03/31 14:47:12 [error] 39#39: *77 recv() failed, client: 10.0.0.1, server: _, request: "GET / HTTP/1.1"', ["recv", "failed"]),
    ('Traceback (most recent call last): File "/srv/app/views.py", line 3, in show ValueError: No route found', ["ValueError", "route", "found"]),
    ("メモリリークの原因を教えてください", ["メモリリーク"]),
    ("ワーカー数はどうやって決めればいいのか", ["ワーカー数", "決", "めれば"]),
    ("原因と対策", ["原因", "対策"]),
    ("how do I fix a gunicorn problem", ["fix", "gunicorn"]),
])
def test_of_a_query_its_subject_is_searched(query, subject):
    """Not what a line of a log, the frames of a traceback or the form of a question put around it."""
    assert node(f"text.asked({json.dumps(query)}).map(unit => unit.text)") == subject


@pytest.mark.parametrize(("one", "other"), [("worker", "ワーカー"), ("無停止", "downtime"), ("ﾀｲﾑｱｳﾄ", "timed out"), ("サーバが固まる", "server hangs"), ("k8s", "Kubernetes"), ("crash", "落ちた")])
def test_words_for_the_same_have_the_same_sense(one, other):
    first, second = node(f"[{json.dumps(one)}, {json.dumps(other)}].map(words => senses(words).map(({{term}}) => term))")
    assert first == second and first


@pytest.mark.parametrize("word", ["processing", "networker", "worker_connections", "dblink", "設計"])
def test_a_part_of_another_word_has_no_sense(word):
    assert node(f"senses({json.dumps(word)})") == []


def test_a_word_has_one_sense():
    """Two lines with the same word would make one of them useless."""
    lines = (SCRIPTS / "search/senses.js").read_text("utf-8").split("`")[1].split("\n")
    words = [word.replace("ー", "") for line in lines for word in line.split(", ") if word]
    assert sorted(words) == sorted(set(words)), {word for word in words if words.count(word) > 1}


@pytest.mark.parametrize(("word", "text", "found"), [
    ("サーバ", "サーバーの設定", ["サーバー"]),
    ("接続数", "接続の数と接続数", ["接続", "接続数"]),
    ("queri", "A query, two queries", ["query", "queries"]),
    ("a.b(c", "a.b(c and axb(c", ["a.b(c"]),
])
def test_marks_fit_the_words_as_they_stand(word, text, found):
    assert node(f"{json.dumps(text)}.match(text.pattern([{json.dumps(word)}]))") == found


@pytest.mark.parametrize(("wrong", "right", "errors"), [("ngnix", "nginx", 1), ("daphen", "daphne", 1), ("uvcorn", "uvicorn", 1), ("gunicron", "gunicorn", 1), ("celery", "celery", 0)])
def test_typing_errors_are_counted(wrong, right, errors):
    assert node(f"text.errors({json.dumps(wrong)}, {json.dumps(right)})") == errors


def test_the_libraries_are_as_they_were_published():
    """Their dist files, unchanged: a new version is a new folder, with its licence and its sum here."""
    sums = {
        "minisearch-7.2.0/index.js": "0393b3ba253b809d5e55707c7b0875ef9b518a296a006c6739b28876e154edb3",
        "stemmer-2.0.1/index.js": "154936155f541e1dca18bb75f0fe47c5d881f7b68b2953d92bd33254aca5cc39",
    }
    for path, expected in sums.items():
        file = SCRIPTS / "vendor" / path
        assert hashlib.sha256(file.read_bytes()).hexdigest() == expected, f"{path} was changed: take it from its package as it is."
        assert "Permission is hereby granted" in (file.parent / "LICENSE.txt").read_text("utf-8")
