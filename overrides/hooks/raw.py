"""Publish the records as they are: `/evidence/data/<setup>/<behaviour>.json`, and all of them in one file; captured output
as `/evidence/data/traces/…/<where>.txt` and `/evidence/data/live/…/<where>.txt`; figures of the site as `…/site/<what>/…`; the ladder's as `/evidence/data/ladder/<step>/…`."""

import json
from functools import lru_cache
from pathlib import Path

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

from records import EVIDENCE

RAW = "evidence/data"  # where they lie in the site


class Raw(File):
    """A record as it is."""

    def copy_file(self, dirty: bool = False) -> None:
        """Copy what is not there yet: the other language has brought all two thousand before."""
        super().copy_file(dirty=True)


@event_priority(-200)  # after static-i18n, which makes files of its own of all that it is given
def on_files(files, config):
    """Add the records to the site's files (MkDocs hook). Nothing is written into docs/."""
    paths = sorted(EVIDENCE.glob("*/*.json"))
    for path in paths:
        files.append(Raw.generated(config, f"{RAW}/{path.parent.name}/{path.name}", abs_src_path=str(path)))
    for path in sorted(path for pattern in ("traces/**/*.txt", "live/**/*.txt", "ladder/*/*.*", "site/*/*.json") for path in EVIDENCE.glob(pattern)):
        files.append(Raw.generated(config, f"{RAW}/{path.relative_to(EVIDENCE).as_posix()}", abs_src_path=str(path)))
    files.append(File.generated(config, f"{RAW}/records.json", content=_all(tuple((path, path.stat().st_mtime) for path in paths))))
    return files


@lru_cache(1)
def _all(paths: tuple[tuple[Path, float], ...]) -> str:
    """A JSON array with a line for each record."""
    entries = (json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False) for path, _ in paths)
    return "[\n" + ",\n".join(entries) + "\n]\n"
