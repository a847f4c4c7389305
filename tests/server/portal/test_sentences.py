"""Words with a hyphen stay in one line: in sentences and in what an office wrote, never in an address."""

from __future__ import annotations

import pytest

from server.portal.sentences import whole
from server.texts import LANGUAGES
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

JOINED = "e-\N{WORD JOINER}mail"


@pytest.mark.parametrize(
    "word", ["e-mail", "E-mail", "e-maila", "e-mailem", "e-mails", "(e-mail),", "e-mail."]
)
def test_a_word_is_kept_together(word: str) -> None:
    assert whole(f"By {word}") == f"By {word.replace('-m', f'-{JOINED[2]}m')}"


@pytest.mark.parametrize(
    "address", ["jan@e-mail.pl", "e-mail@office.pl", "https://e-mail.pl/e-mail", "e-mail-list", "the-mail"]
)
def test_an_address_stays_as_it_is(address: str) -> None:
    assert whole(f"{address} tells") == f"{address} tells"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_a_language_has_a_word_that_breaks(office: SampleOffice, language: str) -> None:
    told = {"pl": "Pytania e-mailem, na e-mail@office.pl", "en": "Questions by e-mail"}
    office.set_policy("P", information={"payment": told})
    browser = Browser(office.app)
    for path in ("", "log-in", "privacy", "account/new", "services/wroclaw/P"):
        page = browser.get(f"/{language}/{path}")
        text = page.response.data.decode()
        assert "e-mail" not in text.replace("e-mail@", "").lower(), path
        assert page.text == text.replace(JOINED[2], "")
