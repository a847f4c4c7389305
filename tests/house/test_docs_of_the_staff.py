"""The docs of the staff: the same pages in both languages, and every word that they quote stands on a page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from deploy.texts.collecting import read_po
from server.texts import STAFF
from tests.house.tracked import ROOT

LANGUAGES = ("en", "pl")
NAMES = sorted(file.name for file in (ROOT / "docs/en").glob("*.md"))
_ITALICS = re.compile(r"(?<![*\w])\*(?![*\s])([^*]+?)(?<!\s)\*(?![*\w])")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def page(language: str, name: str) -> str:
    return (ROOT / "docs" / language / name).read_text(encoding="utf-8")


def quoted(text: str) -> list[str]:
    """List what a page quotes in italics, each on one line."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return [" ".join(found.split()) for found in _ITALICS.findall(prose)]


@cache
def said(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Give all that the staff's pages say in a language: whole sentences, and those with something in them."""
    texts: set[str] = set()
    for message in read_po("pl", STAFF):
        found = message.id if language == "en" else message.string
        texts.update([found] if isinstance(found, str) else found)
    open_ones = tuple(
        re.compile(".+".join(re.escape(part) for part in _PLACEHOLDER.split(text)))
        for text in texts
        if _PLACEHOLDER.search(text)
    )
    return frozenset(texts), open_ones


def is_said(language: str, words: str) -> bool:
    plain, open_ones = said(language)
    return words in plain or any(each.fullmatch(words) for each in open_ones)


def outline(text: str) -> list[str]:
    """Give what both languages must have alike: headings by level, lists, keys and addresses of pages, links."""
    lines = []
    for line in text.splitlines():
        if heading := re.match(r"#+ ", line):
            lines.append(heading[0])
        elif line.startswith("- "):
            lines.append("-")
        elif line.startswith("| `"):
            lines.append(re.sub(r"<\w+>", "<>", line.split("|")[1]))
        elif line.startswith("|"):
            lines.append("|" * line.count("|"))
    pictures = [address.replace("/pl/", "/en/") for _words, address in _PICTURE.findall(text)]
    return lines + pictures + sorted(re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)", text))


def test_both_languages_have_the_same_pages() -> None:
    assert NAMES
    assert sorted(file.name for file in (ROOT / "docs/pl").glob("*.md")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_built_alike_in_both_languages(name: str) -> None:
    assert outline(page("pl", name)) == outline(page("en", name))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_italics_stands_on_a_page_of_the_staff(language: str, name: str) -> None:
    words = [each for each in quoted(page(language, name)) if each not in ("italics", "kursywą")]
    assert words
    assert [each for each in words if not is_said(language, each)] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_leads_to_a_file_and_a_picture_says_what_it_shows(language: str, name: str) -> None:
    here = Path("docs") / language
    for words, address in re.findall(r"\[([^\]]*)\]\(([^)#]+)\)", page(language, name)):
        assert words.strip(), address
        assert (ROOT / here / address).is_file(), address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("press *Stop\nnow* or *Go*", ["Stop now", "Go"]),
        ("**bold** and `*code*`", []),
        ("- *First*: **a** *b*", ["First", "b"]),
    ],
)
def test_quoted_words_are_found(text: str, found: list[str]) -> None:
    assert quoted(text) == found


def test_a_word_that_no_page_says_is_found() -> None:
    assert is_said("pl", "Sala")
    assert is_said("en", "Counter 7 calls for help")
    assert not is_said("pl", "Hall")
    assert not is_said("en", "Open the hall's door")
