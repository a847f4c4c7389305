"""Puts together what the server hands to browsers: nothing in it names a typeface, a crest or another host."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

# Where a file comes from in node_modules, by the name under which it is served.
STYLES = {
    "govuk-frontend.css": "govuk-frontend/dist/govuk/govuk-frontend.min.css",
    "altcha.css": "altcha/dist/external/altcha.css",
}
SCRIPTS = {
    "govuk-frontend.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    # Without the workers and styles in its text: those need blob: and 'unsafe-inline' from the browser.
    "altcha.js": "altcha/dist/external/altcha.min.js",
    "altcha-worker.js": "altcha/dist/workers/pbkdf2.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
}
OURS = ("altcha-start.js",)
FILES = (*STYLES, *SCRIPTS, *OURS)
TEXTS = "altcha-texts"  # a file for each language, named by it

# The licence of GDS Transport is for services of GOV.UK only, and so is the crest.
TYPEFACE = re.compile(r"(?<=font-family:)GDS Transport,arial,sans-serif")
OUR_TYPEFACE = "var(--numerek-typeface,sans-serif)"
FACE = re.compile(r"@font-face\{[^}]*\}")
CREST = re.compile(r"\.govuk-footer__copyright-logo:{1,2}before\{[^}]*\}")
# What stands on the left or right there stands where lines begin or end, so that Arabic pages are mirrored.
SIDES = {"left": "inline-start", "right": "inline-end"}
SIDED = re.compile(
    r"(?<=[;{])(?P<what>margin-|padding-|border-|inset-|float:|text-align:|)(?P<side>left|right)(?=[-:;}])"
)
FOREIGN = re.compile(r"gds transport|@font-face|@import|crest|url\(", re.IGNORECASE)
SOURCE_MAP = re.compile(r"\s*(?://# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


class Unexpected(Exception):
    """A package holds something that we do not hand on: look at its new version."""


def assemble(packages: Path, site: Path) -> None:
    """Fill `site` anew from the folder node_modules; raises Unexpected."""
    part = site.with_name(f"{site.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    (part / TEXTS).mkdir(parents=True)
    for name, source in (STYLES | SCRIPTS).items():
        text = SOURCE_MAP.sub("", (packages / source).read_text("utf-8"))
        text = for_both_ways(without_identity(text)) if name in STYLES else text
        (part / name).write_text(f"{text}\n{_origin(packages / source.partition('/')[0])}\n", "utf-8")
    for name in OURS:
        shutil.copy(Path(__file__).with_name(name), part)
    for file in (packages / "altcha/dist/i18n").glob("??.js"):
        shutil.copy(file, part / TEXTS)
    shutil.rmtree(site, ignore_errors=True)
    part.rename(site)


def without_identity(style: str) -> str:
    """Take typeface and crest out of a stylesheet; raises Unexpected if something foreign is left."""
    style = TYPEFACE.sub(OUR_TYPEFACE, CREST.sub("", FACE.sub("", style)))
    if left := FOREIGN.search(style):
        raise Unexpected(
            f"the stylesheet still holds {left[0]!r}: …{style[max(0, left.start() - 60) :][:120]}…"
        )
    return style


def for_both_ways(style: str) -> str:
    """Write a stylesheet's sides as beginnings and ends of lines (CSS Logical Properties and Values 1)."""
    return SIDED.sub(_logical, style)


def _logical(found: re.Match[str]) -> str:
    what, side = found["what"], found["side"]
    if what == "text-align:":
        return f"text-align:{'start' if side == 'left' else 'end'}"
    if what == "float:":
        return f"float:{side};float:{SIDES[side]}"  # a browser that knows no logical floats keeps the first
    return f"{what or 'inset-'}{SIDES[side]}"


def _origin(package: Path) -> str:
    about = json.loads((package / "package.json").read_text("utf-8"))
    return f"/*! {about['name']} {about['version']}, licence {about['license']} */"
