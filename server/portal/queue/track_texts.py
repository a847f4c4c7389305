"""The sentences of the phone page, one table a language."""

from __future__ import annotations

from collections.abc import Mapping

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "title": "Twój numer",
        "waiting": "Czekasz na wezwanie",
        "called": "Zapraszamy teraz",
        "serving": "Trwa obsługa",
        "parked": "Bilet odłożony. Poczekaj na wezwanie.",
        "finished": "Wizyta zakończona. Dziękujemy.",
        "no_show": "Wezwaliśmy ten numer, ale nikt nie podszedł. Zgłoś się do Informacji.",
        "withdrawn": "Ten bilet jest już nieważny.",
        "people_ahead": "Osób przed Tobą",
        "expected": "Przewidywane wezwanie",
        "not_today": "już nie dziś",
        "visit": "Godzina wizyty",
        "service": "Usługa",
        "counter": "Stanowisko",
        "hall": "Sala",
        "as_of": "Stan na",
        "renews": "Strona odświeża się sama. Wezwanie zobaczysz też na ekranie w sali.",
        "approximate": "Godziny są orientacyjne.",
        "unknown_title": "Nie ma takiego biletu",
        "unknown": "Adres jest niepełny albo bilet został już usunięty. Zeskanuj kod z biletu jeszcze raz.",
    },
    "en": {
        "title": "Your number",
        "waiting": "You are waiting to be called",
        "called": "Please come now",
        "serving": "You are being served",
        "parked": "Your ticket is set aside. Please wait until it is called.",
        "finished": "Your visit is over. Thank you.",
        "no_show": "We called this number and nobody came. Please go to Information.",
        "withdrawn": "This ticket is no longer valid.",
        "people_ahead": "People ahead of you",
        "expected": "Expected call",
        "not_today": "not today any more",
        "visit": "Time of your visit",
        "service": "Service",
        "counter": "Counter",
        "hall": "Hall",
        "as_of": "As of",
        "renews": "This page renews itself. You will also see the call on the screen in the hall.",
        "approximate": "Times are approximate.",
        "unknown_title": "There is no such ticket",
        "unknown": "The address is incomplete, or the ticket was removed. Scan the code on your ticket again.",
    },
}


def texts(language: str) -> tuple[Mapping[str, str], str]:
    """Return the sentences of a language, else English ones, and which language they are in."""
    spoken = language if language in _TEXTS else "en"
    return _TEXTS[spoken], spoken
