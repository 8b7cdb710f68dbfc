"""Link-preview cards, 1200 x 630 px, one per page and language: `assets/cards/<lang>/<path>.png`.

Pillow brings its own FreeType and the font lies in overrides/.fonts/ (a theme's hidden folders are not published), so a card is the same on every machine. A card is drawn
in one channel whose values are places in a palette: small files, and a fifth of the time that drawing in colours takes.
"""

import os
import re
import shutil
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from data import ROOT

FONT = ROOT / "overrides" / ".fonts" / "NotoSansCJKjp-Bold-subset.otf"
KEPT = ROOT / ".cache" / "cards"
SIZE = (1200, 630)
LEFT, WIDTH = 88, 1024  # of the text, in px
BACKGROUND, TEXT, GREEN, VIOLET = (0x16, 0x30, 0x2A), (0xFF, 0xFE, 0xFB), (0x8B, 0xE0, 0xC0), (0xC9, 0xB3, 0xF2)
# The palette: 0 to 199 from background to text, then 28 steps each to the colours of WSGI and ASGI.
STEPS = 200
SHADES = [(STEPS, TEXT), (28, GREEN), (28, VIOLET)]
# Where a line may break: after a word with the Hiragana that belong to it, never before punctuation.
PIECE = re.compile(r"[^\s\u3000-\u9fff\uff00-\uffef]+\s?[\u3041-\u309f]*|[\u30a0-\u30ff]+[\u3041-\u309f]*|[\u3005\u4e00-\u9fff]+[\u3041-\u309f]*|[\u3041-\u309f]+|\s|.")
NO_START = re.compile(r"[、。，．・：；？！）」』】ー〜々”’)\]?!:;,.]")


def address(lang: str, url: str) -> str:
    """Where the card of a page lies in the site; `url` is the page's, such as `en/deploy/nginx/`."""
    path = url.removeprefix(f"{lang}/").strip("/").replace("/", "-") if url not in ("", f"{lang}/") else ""
    return f"assets/cards/{lang}/{path or 'index'}.png"


def draw(title: str, section: str, site: str) -> bytes:
    """Return the card as a PNG."""
    from PIL import ImageDraw  # takes a while to load: only where cards are drawn

    image = _base().copy()
    pen = ImageDraw.Draw(image)
    font, lines = _fit(title)
    height = font.size * 1.32
    top = 330 - height * len(lines) / 2
    if section and section != title:
        pen.text((LEFT, top - 62), section, font=_font(34), fill=150)
    for number, line in enumerate(lines):
        pen.text((LEFT, top + number * height), line, font=font, fill=STEPS - 1)
    pen.text((LEFT + 78, 524), site, font=_font(34), fill=170)
    image.putpalette(_palette())
    file = BytesIO()
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()


def missing(text: str) -> list[str]:
    """The characters of a text that the font does not have."""
    known = _font(40)
    blank = bytes(known.getmask("\uffff"))
    return sorted({char for char in text if not char.isspace() and bytes(known.getmask(char)) == blank})


def write(folder: Path, cards: list[tuple[str, str, str, str]]) -> None:
    """Draw `(address, title, section, site)` into the built site; what was drawn once is kept in .cache/cards/."""
    drawing = sha256(Path(__file__).read_bytes() + FONT.read_bytes()).hexdigest()
    KEPT.mkdir(parents=True, exist_ok=True)
    for place, *words in cards:
        kept = KEPT / f"{sha256(' '.join([drawing, *words]).encode()).hexdigest()}.png"
        if not kept.exists():
            part = kept.with_suffix(f".{os.getpid()}")  # two builds at once: a card is whole or not there
            part.write_bytes(draw(*words))
            part.replace(kept)
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, path)


@lru_cache(None)
def _font(size: int):
    from PIL import ImageFont

    # Basic layout: what Raqm adds, no language here needs, and it is not in every build of Pillow.
    return ImageFont.truetype(str(FONT), size, layout_engine=ImageFont.Layout.BASIC)


def _fit(title: str) -> tuple:
    """(font, lines): as large as three lines allow, the lines of about equal length."""
    for size in (84, 76, 68, 60, 52, 44):
        font = _font(size)
        lines = _lines(title, font, WIDTH)
        if len(lines) <= (2 if size > 60 else 3):
            break
    width = WIDTH
    while width > 300 and len(narrower := _lines(title, font, width - 40)) == len(lines):
        lines, width = narrower, width - 40
    return font, lines


def _lines(title: str, font, width: float) -> list[str]:
    lines = [""]
    for piece in PIECE.findall(title):
        if lines[-1] and not NO_START.match(piece) and font.getlength((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


@lru_cache(None)
def _base():
    """What every card has: two lanes, one for WSGI and one for ASGI, and the mark. Drawn larger and made small: smooth edges."""
    from PIL import Image, ImageDraw

    image = Image.new("L", SIZE, 0)
    start = STEPS
    for steps, shapes in ((28, _green), (28, _violet)):
        layer = Image.new("L", (SIZE[0] * 3, SIZE[1] * 3), 0)
        shapes(ImageDraw.Draw(layer), steps - 1)
        layer = layer.resize(SIZE, Image.Resampling.BOX)
        image.paste(layer.point(lambda value, start=start: value + start), mask=layer.point(lambda value: 255 if value else 0))
        start += steps
    pen = ImageDraw.Draw(image)
    for box in ((LEFT, 524, LEFT + 8, 572), (LEFT, 532, LEFT + 24, 540), (LEFT, 556, LEFT + 18, 564)):
        pen.rectangle(box, fill=STEPS - 1)
    return image


def _scaled(*numbers: float) -> tuple:
    return tuple(number * 3 for number in numbers)


def _green(pen, fill: int):
    pen.rectangle(_scaled(0, 0, 600, 12), fill=fill)
    pen.ellipse(_scaled(LEFT + 30, 526, LEFT + 50, 546), fill=fill)


def _violet(pen, fill: int):
    pen.rectangle(_scaled(600, 0, 1200, 12), fill=fill)
    pen.rounded_rectangle(_scaled(LEFT + 24, 552, LEFT + 44, 572), radius=9, fill=fill)


def _palette() -> list[int]:
    colours = []
    for steps, colour in SHADES:
        for step in range(steps):
            share = step / (steps - 1)
            colours += [round(low + (high - low) * share) for low, high in zip(BACKGROUND, colour)]
    return colours
