"""Settings as fields of a form: read from what was typed, checked by their own readers, and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from server.domain.office import reading
from server.domain.office.reading import Nested, Number, SettingError, Several, readers
from server.staff.languages import named
from server.staff.office.described import Words
from server.staff.office.kinds import Reader, bare, kind, of_a_rule, plain, told, word, words_of, wrong
from server.staff.office.message_names import MESSAGES
from server.staff.office.service_words import WITHIN
from server.texts import LANGUAGES
from server.web.forms import is_hidden

Form = MultiDict[str, str]
_MOST = 200
_ONE_LINE = {"names", "office", "what", "name", "label", "why", "choices"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting on a page: its name, its reader, its default as the file would write it, and its words.

    `names` are those of the words that it chooses from, where these are made by the office itself.
    """

    name: str
    read: Reader
    words: Words
    default: Any = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Drawn:
    """A field as a page draws it; `parts` are those that it consists of.

    `follows` says what it is beside the template of the office that its thing follows: `template` or `own`,
    `template_says` what the template has where the thing has its own.
    """

    kind: str
    name: str
    label: str
    help: str = ""
    default: str = ""
    value: Any = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    parts: list[Drawn] = field(default_factory=list)
    error: str = ""
    now: str | None = None
    lang: str = ""
    follows: str = ""
    template_says: str = ""


# --- from what was typed -------------------------------------------------------------------------------


def taken(read: Reader, name: str, form: Form) -> Any:
    """Read a field of a form as the office's file would say it; None where nothing was typed.

    What is no number stays as it was typed, for the reader to refuse.
    """
    read, typed = bare(read), form.get(name, "").replace("\r\n", "\n").strip()
    match kind(read):
        case "flag":
            return name in form
        case "number":
            return _number(typed)
        case "pair":
            both = [_number(form.get(f"{name}.{each}", "").strip()) for each in (0, 1)]
            return None if both == [None, None] else both
        case "lines":
            lines = [line.strip() for line in typed.splitlines() if line.strip()]
            is_numbers = isinstance(read, Several) and isinstance(read.read, Number)
            return [_number(line) for line in lines] if is_numbers else lines
        case "choices":
            return form.getlist(name)
        case "order":
            return _in_order(words_of(read), name, form)
        case "hours":
            found = {
                day: _several(form.get(f"{name}.{day}", ""))
                for day in reading.WEEKDAYS
                if form.get(f"{name}.{day}", "").strip()
            }
            return found or None
        case "texts":
            return _texts(name, form)
        case "messages":
            kinds = {each.value: _texts(f"{name}.{each}", form) for each in MESSAGES}
            return {each: said for each, said in kinds.items() if said} or None
        case "table":
            return _table(read, name, form)
        case "tables":
            return _tables(read, name, form)
        case _:
            return typed or None


def _number(typed: str) -> Any:
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else typed


def _in_order(words: Sequence[str], name: str, form: Form) -> list[str]:
    """Read words by the places that were chosen for them; those without one are left out."""
    places = {each: form.get(f"{name}.{each}", "") for each in words}
    chosen = [each for each in words if places[each].isdecimal()]
    return sorted(chosen, key=lambda each: int(places[each][:3]))


def _several(typed: str) -> list[str]:
    return [each.strip().replace("–", "-").replace(" ", "") for each in typed.split(",") if each.strip()]


def _texts(name: str, form: Form) -> dict[str, str] | None:
    found = {}
    for key in form:
        before, _dot, language = key.rpartition(".")
        if before == name and (said := form[key].replace("\r\n", "\n").strip()):
            found[language] = said
    return found or None


def _table(read: Reader, name: str, form: Form) -> dict[str, Any] | None:
    assert isinstance(read, Nested)
    found = {}
    for each in within(read, name):
        value = taken(each.read, each.name, form)
        if value not in (None, [], {}, each.default):
            found[each.name.rpartition(".")[2]] = value
    return found or None


def _tables(read: Reader, name: str, form: Form) -> list[Any]:
    assert isinstance(read, Several)
    numbers = {key[len(name) + 1 :].partition(".")[0] for key in form if key.startswith(f"{name}.")}
    found = []
    for number in sorted(int(each) for each in numbers if each.isdecimal() and len(each) < 4)[:_MOST]:
        item = f"{name}.{number}"
        if f"{item}.remove" in form:
            continue
        value = taken(read.read, item, form)
        if value is not None:
            found.append(value)
    return found


def kept_or_new(setting: Setting, old: Any, new: Any) -> Any:
    """Return what is to be kept: the old value where the new one means the same, none for the default."""
    for before in (old, None):
        with suppress(ValueError, TypeError):
            held = setting.read(_or(_trimmed(before), setting.default))
            if setting.read(_or(new, setting.default)) == held:
                return before
    return new


def _trimmed(value: Any) -> Any:
    """Write texts as a form sends them: without the space around them."""
    if isinstance(value, Mapping):
        return {key: _trimmed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_trimmed(each) for each in value]
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


# --- checked ---------------------------------------------------------------------------------------------


def mistakes(read: Reader, name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Find what a value has wrong: the name of the field, and what to do."""
    read = bare(read)
    if value is None:
        return
    if isinstance(read, Nested):
        yield from _mistakes_within(read, name, value)
    elif kind(read) == "tables" and isinstance(read, Several):
        for number, each in enumerate(value):
            yield from mistakes(read.read, f"{name}.{number}", each)
    elif any(is_hidden(char) and char not in "\n\t" for char in _all_text(value)):
        yield name, _("Remove the characters that cannot be seen")
    else:
        try:
            read(value)
        except ValueError as error:
            yield name, wrong(read, error)


def _mistakes_within(read: Nested[Any], name: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found = []
    for each, about in zip(within(read, name), fields(read.of), strict=True):
        inner = value.get(about.name)
        if inner is None and about.default is MISSING and about.default_factory is MISSING:
            found.append((each.name, _("Enter this")))
        found += mistakes(each.read, each.name, inner)
    if not found:
        try:
            read(value)
        except SettingError as error:
            found.append((f"{name}.{error.key}", of_a_rule(error.problem)))
        except ValueError as error:
            found.append((name, of_a_rule(str(error))))
    yield from found


def _all_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_all_text(each) for each in value.values())
    if isinstance(value, list):
        return "".join(_all_text(each) for each in value)
    return value if isinstance(value, str) else ""


# --- drawn -----------------------------------------------------------------------------------------------


def within(read: Nested[Any], name: str) -> list[Setting]:
    """List the settings of a table."""
    words, made = WITHIN[read.of.__name__], readers(read.of)
    return [
        Setting(f"{name}.{each.name}", made[each.name], words[each.name], _default_of(each))
        for each in fields(read.of)
    ]


def _default_of(about: Any) -> Any:
    if about.default is not MISSING:
        return plain(about.default)
    return None if about.default_factory is MISSING else plain(about.default_factory())


def draw(setting: Setting, value: Any, errors: Mapping[str, str], of: str = "") -> Drawn:
    """Make the field of a setting with this value (None: the default)."""
    read, name = bare(setting.read), setting.name
    made = Drawn(kind(read), name, str(setting.words.label), str(setting.words.help))
    made.default = "" if setting.default in (None, {}, []) else told(setting.default)
    made.error = errors.get(name, "")
    value = _or(value, setting.default)
    match made.kind:
        case "choice" | "choices":
            words = words_of(read.read) if isinstance(read, Several) else words_of(read)
            made.options = [(each, setting.names.get(each) or word(each, of)) for each in words]
            if made.kind == "choice" and setting.default is None:
                made.options.insert(0, ("", _("not chosen")))
            made.value = [str(each) for each in value or ()] if made.kind == "choices" else value
        case "order":
            made.options = [(str(place), str(place)) for place in range(1, len(words_of(read)) + 1)]
            made.parts = [
                Drawn("place", f"{name}.{each}", word(each), value=_place(each, value or ()))
                for each in words_of(read)
            ]
        case "lines":
            made.value = "\n".join(str(each) for each in value or ())
        case "pair":
            made.value = list(value or ("", ""))
        case "hours":
            made.parts = [
                Drawn("text", f"{name}.{day}", word(day), value=", ".join((value or {}).get(day, ())))
                for day in reading.WEEKDAYS
            ]
        case "texts":
            made.parts = _by_language(name, value or {})
        case "messages":
            made.parts = [
                Drawn(
                    "texts", f"{name}.{each}", str(MESSAGES[each]), parts=_by_language(f"{name}.{each}", said)
                )
                for each in MESSAGES
                for said in [(value or {}).get(each.value, {})]
            ]
        case "table" if isinstance(read, Nested):
            made.parts = _inside(read, name, value, errors)
            made.default = ""
        case "tables" if isinstance(read, Several):
            made.parts = _items(read.read, name, value or [], errors, str(setting.words.label))
        case _:
            made.value = "" if value is None else value
    return made


def _place(word: str, held: Sequence[str]) -> str:
    return str([*held].index(word) + 1) if word in held else ""


def _inside(read: Nested[Any], name: str, value: Any, errors: Mapping[str, str]) -> list[Drawn]:
    held = value if isinstance(value, Mapping) else {} if value is None else _spread(read(value))
    return [
        draw(each, held.get(each.name.rpartition(".")[2]), errors, read.of.__name__)
        for each in within(read, name)
    ]


def _spread(value: Any) -> dict[str, Any]:
    """Write what a word stands for as its table."""
    return {each.name: plain(getattr(value, each.name)) for each in fields(value)}


def _items(read: Reader, name: str, value: list[Any], errors: Mapping[str, str], label: str) -> list[Drawn]:
    """Draw what a list holds, and an empty one at its end."""
    found = []
    for number, each in enumerate([*value, None]):
        item = f"{name}.{number}"
        title = _("New: %(label)s", label=label) if each is None else f"{label} – {number + 1}"
        made = Drawn("new" if each is None else "item", item, title, error=errors.get(item, ""))
        if isinstance(read, Nested):
            made.parts = _inside(read, item, each, errors)
        else:
            made.parts = _by_language(item, each or {})
        found.append(made)
    return found


def _by_language(name: str, said: Mapping[str, str]) -> list[Drawn]:
    """Draw a text for each language; the answers to choose from have a short name besides."""
    of = next((each for each in reversed(name.split(".")) if not each.isdecimal()), "")
    first = ("code",) if of == "choices" else ()
    keys = [*first, *LANGUAGES, *(each for each in said if each not in (*first, *LANGUAGES))]
    form = "text" if of in _ONE_LINE else "area"
    return [
        Drawn("text", f"{name}.{key}", word(key), value=said.get(key, ""))
        if key == "code"
        else Drawn(form, f"{name}.{key}", named(key), value=said.get(key, ""), lang=key)
        for key in keys
    ]
