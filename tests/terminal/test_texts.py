"""The texts: no sentence missing without a word, plurals as people count, hours of the branch."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from terminal.texts import MissingText, Texts, own_name, reads_right_to_left

POLISH = """
hello = "Dzień dobry"
wait = "Wizyta o {hour}"
[ahead]
one = "{count} osoba"
few = "{count} osoby"
many = "{count} osób"
"""
ENGLISH = """
hello = "Good morning"
wait = "Your visit is at {hour}"
[ahead]
one = "{count} person"
other = "{count} people"
"""


def make(folder, english=ENGLISH, polish=POLISH):
    (folder / "pl.toml").write_text(polish, encoding="utf-8")
    (folder / "en.toml").write_text(english, encoding="utf-8")
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


def test_complete_texts_have_no_gaps(tmp_path):
    assert make(tmp_path).gaps() == []


@pytest.mark.parametrize(
    ("english", "gap"),
    [
        (ENGLISH.replace("hello", "greeting"), "hello"),
        (ENGLISH.replace("{hour}", "{time}"), "wait"),
        (ENGLISH.replace("one =", "two ="), "ahead.one"),
    ],
)
def test_a_gap_is_found(tmp_path, english, gap):
    assert any(found.endswith(gap) for found in make(tmp_path, english).gaps())


def test_a_missing_plural_form_is_a_gap(tmp_path):
    polish = POLISH.replace('few = "{count} osoby"\n', "")
    assert make(tmp_path, polish=polish).gaps() == ["pl: ahead.few"]


def test_days_and_hours_are_those_of_the_branch(tmp_path):
    texts = make(tmp_path)
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert texts.day("pl", late) == "wtorek, 24 listopada"
    assert texts.day("en", late) == "Tuesday, 24 November"
    assert texts.stamp("pl", late).startswith("24.11.2026 ")
    assert texts.stamp("en", late).startswith("24/11/2026 ")
    assert texts.hour(late) == "00:30"
    texts.use_zone("Asia/Tbilisi")
    assert texts.hour(late) == "03:30"


def test_languages_have_their_own_names():
    assert [own_name(language) for language in ("pl", "uk")] == ["Polski", "Українська"]
    assert reads_right_to_left("ar")
    assert not reads_right_to_left("pl")
