"""The texts: no sentence missing without a word, plurals as people count, hours of the branch."""

from __future__ import annotations

from datetime import UTC, datetime
from gettext import GNUTranslations

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from terminal.texts import Texts, own_name, reads_right_to_left
from wire.sentences import MissingText

POLISH = {
    "hello": "Dzień dobry",
    "wait": "Wizyta o {hour}",
    "code": "code",
    ("ahead", "ahead"): ("{count} osoba", "{count} osoby", "{count} osób"),
}
ENGLISH = {
    "hello": "Good morning",
    "wait": "Your visit is at {hour}",
    "code": "code",
    ("ahead", "ahead"): ("{count} person", "{count} people"),
}


def make(folder, english=ENGLISH, polish=POLISH):
    for language, said in (("pl", polish), ("en", english)):
        catalogue = Catalog(locale=language)
        for name, sentence in said.items():
            catalogue.add(name, sentence)
        path = folder / language / "LC_MESSAGES"
        path.mkdir(parents=True)
        with (path / "messages.mo").open("wb") as file:
            write_mo(file, catalogue)
    return Texts(folder)


def test_a_sentence_is_said_with_its_facts(tmp_path):
    texts = make(tmp_path)
    assert texts.say("pl", "wait", hour="10:00") == "Wizyta o 10:00"
    assert texts.say("en", "hello") == "Good morning"


@pytest.mark.parametrize(("language", "key"), [("pl", "nothing"), ("pl", "wait"), ("xx", "hello")])
def test_what_is_missing_is_a_mistake(tmp_path, language, key):
    with pytest.raises(MissingText):
        make(tmp_path).say(language, key)


@pytest.mark.parametrize(
    ("count", "polish"),
    [
        (0, "osób"),
        (1, "osoba"),
        (2, "osoby"),
        (5, "osób"),
        (12, "osób"),
        (21, "osób"),
        (22, "osoby"),
        (112, "osób"),
    ],
)
def test_people_are_counted_as_poles_count(tmp_path, count, polish):
    texts = make(tmp_path)
    assert texts.say_count("pl", "ahead", count) == f"{count} {polish}"
    assert texts.say_count("en", "ahead", count) == f"{count} {'person' if count == 1 else 'people'}"


def test_a_sentence_may_be_the_same_as_its_name(tmp_path):
    texts = make(tmp_path)
    assert texts.has("pl", "code")
    assert texts.say("pl", "code") == "code"
    assert not texts.has("pl", "nothing")
    assert not texts.has("xx", "code")


def test_a_plural_is_found_where_gettext_knows_it_by_its_forms_only(tmp_path, monkeypatch):
    """Python 3.11.2, Debian 12's own, finds a sentence with plural forms in `ngettext` alone."""

    def gettext(self, message):
        found = self._catalog.get(message)
        return found if found is not None else self._fallback.gettext(message)

    monkeypatch.setattr(GNUTranslations, "gettext", gettext)
    texts = make(tmp_path)
    assert texts.say_count("pl", "ahead", 5) == "5 osób"
    assert texts.has("pl", "hello")
    assert not texts.has("pl", "nothing")


def test_a_language_with_half_its_texts_says_the_rest_in_english(tmp_path):
    texts = make(tmp_path, polish={"hello": "Dzień dobry"})
    assert texts.say("pl", "hello") == "Dzień dobry"
    assert texts.say("pl", "wait", hour="10:00") == "Your visit is at 10:00"
    assert texts.say_count("pl", "ahead", 1) == "1 person"
    assert not texts.has("pl", "nothing")


@pytest.mark.parametrize("left", [0, 3, 30])
def test_a_damaged_catalogue_is_named(tmp_path, left):
    make(tmp_path)
    file = tmp_path / "pl" / "LC_MESSAGES" / "messages.mo"
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(MissingText, match=r"pl/LC_MESSAGES/messages\.mo is damaged"):
        Texts(tmp_path)


def test_a_folder_without_catalogues_is_refused(tmp_path):
    with pytest.raises(MissingText, match="numerek texts compile"):
        Texts(tmp_path)


def test_days_and_hours_are_those_of_the_branch(tmp_path):
    texts = make(tmp_path)
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert texts.day("pl", late) == "wtorek, 24 listopada"
    assert texts.day("en", late) == "Tuesday, 24 November"
    assert texts.stamp("pl", late).startswith("24.11.2026 ")
    assert texts.stamp("en", late).startswith("24/11/2026 ")
    assert texts.day("ar", late) == "الثلاثاء، 24 نوفمبر"
    assert texts.hour(late) == "00:30"
    texts.use_zone("Asia/Tbilisi")
    assert texts.hour(late) == "03:30"


def test_languages_have_their_own_names():
    assert [own_name(language) for language in ("pl", "uk")] == ["Polski", "Українська"]
    assert reads_right_to_left("ar")
    assert not reads_right_to_left("pl")
