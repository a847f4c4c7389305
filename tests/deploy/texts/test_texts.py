"""Every sentence of pages and letters is there in every language, with the same placeholders."""

from __future__ import annotations

import shutil
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po as read

from deploy.texts.__main__ import main
from deploy.texts.collecting import (
    DOMAINS,
    collected,
    compiled,
    missing,
    mo_file,
    read_po,
    translated,
    updated,
)
from server.texts import FOLDER, LANGUAGES, SOURCE, catalogue, languages_in


@cache
def said_in(domain: str = "messages") -> Catalog:
    """Collect the sentences of a domain once: reading all code and templates takes seconds."""
    return collected(domain)


@pytest.fixture
def template() -> Catalog:
    """Give the sentences of the visitors' pages."""
    return said_in()


_ALL = [(domain, language) for domain in DOMAINS for language in translated(domain)]


@pytest.mark.parametrize(("domain", "language"), _ALL)
def test_every_sentence_has_its_translation(domain: str, language: str) -> None:
    assert list(missing(said_in(domain), read_po(language, domain))) == []


@pytest.mark.parametrize(("domain", "language"), _ALL)
def test_what_is_read_is_what_the_translators_wrote(domain: str, language: str) -> None:
    assert mo_file(language, domain).exists(), "run: numerek texts compile"
    assert mo_file(language, domain).read_bytes() == compiled(language, domain), "run: numerek texts compile"


@pytest.mark.parametrize(("domain", "language"), _ALL)
def test_no_sentence_is_kept_that_nobody_says(domain: str, language: str) -> None:
    said = {(message.id, message.context) for message in said_in(domain)}
    assert [
        message.id for message in read_po(language, domain) if (message.id, message.context) not in said
    ] == []


def test_sentences_of_code_and_of_templates_are_found(template: Catalog) -> None:
    places = {file.rpartition(".")[2] for message in template for file, _ in message.locations}
    assert {"py", "html", "jinja"} <= places


def test_an_office_adds_a_language_of_the_portal_by_a_folder(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "texts", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    assert languages_in(tmp_path / "texts") == LANGUAGES
    shutil.copytree(tmp_path / "texts" / "uk", tmp_path / "texts" / "de")
    assert languages_in(tmp_path / "texts") == (*LANGUAGES, "de")
    # Nobody reads what is not compiled yet, and a folder of another kind is no language.
    (tmp_path / "texts" / "fr" / "LC_MESSAGES").mkdir(parents=True)
    shutil.copytree(tmp_path / "texts" / "uk", tmp_path / "texts" / "notes")
    assert languages_in(tmp_path / "texts") == (*LANGUAGES, "de")


def test_english_is_what_stands_in_the_code() -> None:
    assert SOURCE in LANGUAGES
    assert catalogue(SOURCE).gettext("Your visit is booked") == "Your visit is booked"
    assert catalogue("xx").gettext("Your visit is booked") == "Your visit is booked"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "not translated"),
        ("do %(hour)s w %(hall)s", None),
        ("do %(hour)s", "other placeholders"),
        ("do %(godzina)s w %(hall)s", "other placeholders"),
        ("do %(hour)s w %(hall)s, 100 %", "other placeholders"),
        ("do %(hour)s w %(hall)s, 100 %%", None),
    ],
)
def test_a_sentence_that_lacks_something_is_found(said: str, problem: str | None) -> None:
    ours, theirs = Catalog(), Catalog(locale="pl")
    ours.add("until %(hour)s in %(hall)s")
    theirs.add("until %(hour)s in %(hall)s", said)
    assert [found for _, found in missing(ours, theirs)] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (("%(num)s miejsce", "%(num)s miejsca", "%(num)s miejsc"), None),
        (("jedno miejsce", "%(num)s miejsca", "%(num)s miejsc"), None),
        (("%(num)s miejsce", "", "%(num)s miejsc"), "not translated"),
        (("%(num)s miejsce", "%(n)s miejsca", "%(num)s miejsc"), "other placeholders"),
    ],
)
def test_each_plural_is_looked_at(said: tuple[str, ...], problem: str | None) -> None:
    ours, theirs = Catalog(), Catalog(locale="pl")
    ours.add(("%(num)s place", "%(num)s places"))
    theirs.add(("%(num)s place", "%(num)s places"), said)
    assert [found for _, found in missing(ours, theirs)] == ([problem] if problem else [])


def test_new_sentences_come_in_and_gone_ones_leave(template: Catalog) -> None:
    written = read(BytesIO(updated("pl", template)), locale="pl")
    assert {each.id for each in written} == {each.id for each in template}
    for message in read_po("pl"):
        kept = written.get(message.id, message.context) if message.id else None
        assert kept is None or kept.string == message.string


def test_a_command_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_folder_has_what_flask_babel_looks_for() -> None:
    assert all(mo_file(each).parts[-3:] == (each, "LC_MESSAGES", "messages.mo") for each in translated())
