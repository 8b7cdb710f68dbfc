"""What a program printed in the ladder's lab: `evidence/ladder/<step>/<name>.txt`, made by lab/ladder/printed.py."""

import records
from data import Missing
from raw import RAW

EVIDENCE = records.EVIDENCE / "ladder"


def output(place, name: str) -> str:
    """Block: what was printed, with the command that printed it, the versions, and the one command that does it again."""
    path = EVIDENCE / f"{name}.txt"
    if not path.exists():
        raise Missing(f"evidence/ladder/{name}.txt is missing; run scripts/ladder {name}.")
    head, _, text = path.read_text(encoding="utf-8").partition("\n\n")
    header = dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines())
    versions = {key: value for key, value in header.items() if key not in ("command", "again", "date")}
    line = records.ran(place, {"versions": versions, "date": header["date"]})
    words = records.WORDS[place.lang]
    link = f"[{words['record']}{words['colon']}{line}]({place.link(f'{RAW}/ladder/{name}.txt')}){{ .ran }}"
    return f"\n{records.fence(text, header['command'].replace(chr(34), chr(39)))}\n\n{link} · `{header['again']}`\n"
