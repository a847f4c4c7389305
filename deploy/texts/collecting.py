"""Finds every sentence that code and templates show, and compares it with what the translators have."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po as read_catalogue
from babel.messages.pofile import write_po

from server.texts import DOMAIN as MESSAGES
from server.texts import FOLDER, SOURCE, STAFF, STAFF_LANGUAGES

_ROOT = Path(__file__).resolve().parents[2]
# The pages' domains: each with the rooms of the server whose sentences it holds, and its languages.
_ROOMS = {MESSAGES: ("portal", "adapters", "web"), STAFF: ("staff", "web")}
# The programs' domains are folders of the house: their sentences have names, and English is a file as well.
PROGRAMS = ("kiosk", "display_board", "counter_client", "printers", "server/portal/queue")
DOMAINS = (*_ROOMS, *PROGRAMS)
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.jinja", "jinja2")]
_OPTIONS = {"jinja2": {"trimmed": "true", "silent": "false"}}
_FUNCTIONS = {
    **dict.fromkeys(("_", "_l", "gettext", "lazy_gettext", "N_")),
    **dict.fromkeys(("ngettext", "lazy_ngettext", "_n"), (1, 2)),
    **dict.fromkeys(("pgettext", "lazy_pgettext", "_p"), ((1, "c"), 2)),
    "npgettext": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%%|%")


def translated(domain: str = MESSAGES) -> tuple[str, ...]:
    """List the languages of a domain that have files of translators: each with a folder, save for the staff."""
    if domain == STAFF:
        return tuple(language for language in STAFF_LANGUAGES if language != SOURCE)
    return tuple(sorted(path.name for path in _folder(domain).glob("??/")))


def _folder(domain: str) -> Path:
    return _ROOT / domain / "texts" if domain in PROGRAMS else FOLDER


def po_file(language: str, domain: str = MESSAGES) -> Path:
    """Return where a language's translators write."""
    name = MESSAGES if domain in PROGRAMS else domain
    return _folder(domain) / language / "LC_MESSAGES" / f"{name}.po"


def mo_file(language: str, domain: str = MESSAGES) -> Path:
    """Return where the programs read a language."""
    return po_file(language, domain).with_suffix(".mo")


def read_po(language: str, domain: str = MESSAGES) -> Catalog:
    """Read what a language's translators have written; a language without a file has nothing yet."""
    file = po_file(language, domain)
    if not file.exists():
        return Catalog(
            locale=language,
            header_comment=f"# The sentences of Numerek in {Locale.parse(language).english_name}.",
            project="Numerek",
            version=" ",
            msgid_bugs_address=" ",
            last_translator="Numerek",
            language_team=language,
            charset="utf-8",
            fuzzy=False,
        )
    with file.open("rb") as opened:
        return read_catalogue(opened, locale=language)


def collected(domain: str = MESSAGES) -> Catalog:
    """Collect the sentences of a domain: those of code and templates with their files, a program's in English."""
    if domain in PROGRAMS:
        return read_po(SOURCE, domain)
    template = Catalog(project="Numerek", charset="utf-8", fuzzy=False)
    for room in _ROOMS[domain]:
        found = extract_from_dir(
            _ROOT / "server" / room,
            _METHODS,
            _OPTIONS,
            keywords=_FUNCTIONS,
            comment_tags=("For translators:",),
        )
        for name, _line, sentence, comments, context in found:
            place = [(f"server/{room}/{name}", 0)]
            template.add(sentence, None, place, auto_comments=comments, context=context)
    return template


def updated(language: str, template: Catalog, domain: str = MESSAGES) -> bytes:
    """Return a language's file with every sentence of the template, and no other."""
    catalogue = read_po(language, domain)
    template.creation_date = catalogue.creation_date
    catalogue.update(_without_translations(template, language == SOURCE), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    out = io.BytesIO()
    by_name = domain not in PROGRAMS  # a program's English file has them in the order of its screens
    write_po(out, catalogue, width=110, sort_output=by_name, include_lineno=False, ignore_obsolete=True)
    return out.getvalue()


def _without_translations(template: Catalog, is_source: bool) -> Catalog:
    """Return what stands in each language's file: where a sentence has a name, its English is told beside it."""
    bare = Catalog(project=template.project, charset="utf-8", fuzzy=False)
    bare.creation_date = template.creation_date
    for message in template:
        if message.id:
            english = [each.replace("\n", "\\n") for each in _strings(message.string) if each]
            comments = [] if is_source else english or message.auto_comments
            bare.add(message.id, None, message.locations, auto_comments=comments, context=message.context)
    return bare


def compiled(language: str, domain: str = MESSAGES) -> bytes:
    """Return what the programs read, made from what the translators have written."""
    out = io.BytesIO()
    write_mo(out, read_po(language, domain))
    return out.getvalue()


def missing(template: Catalog, catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """List sentences that lack their translation, or whose placeholders another sentence has."""
    for message in template:
        if not message.id:
            continue
        theirs = catalogue.get(message.id, message.context)
        one = message.id if isinstance(message.id, str) else message.id[0]
        if theirs is None or theirs.fuzzy or not all(_strings(theirs.string)):
            yield one, "not translated"
        elif not _agree(message, theirs):
            yield one, "other placeholders"


def _strings(value: Any) -> list[str]:
    """Return the forms of a sentence: one, or as many as the language has plurals."""
    return [value] if isinstance(value, str) else list(value or [""])


def _agree(message: Message, theirs: Message) -> bool:
    """Say whether a translation has the placeholders of the sentence; a plural form may leave out the number."""
    ours = [_placeholders(each) for each in _strings(message.string) if each]
    ours = ours or [_placeholders(each) for each in _strings(message.id)]
    needed, allowed = set.intersection(*ours), set.union(*ours)
    said = [_placeholders(each) for each in _strings(theirs.string)]
    if len(said) > 1:
        needed = needed - {"num", "count"}
    return all(needed <= each <= allowed for each in said)


def _placeholders(text: str) -> set[str]:
    """Find the placeholders; a lone % would break the sentence, so it counts as one of its own."""
    return {match[1] or match[2] or match[0] for match in _PLACEHOLDER.finditer(text) if match[0] != "%%"}
