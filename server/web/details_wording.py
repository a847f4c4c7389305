"""What is wrong with the details of a visit, in words: on the pages of a booking and at the desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

_WORDS = {
    ("name", "missing"): _l("Enter the name as written in the document"),
    ("name", "too_long"): _l("Use at most 200 characters for the name"),
    ("name", "characters"): _l("Remove the characters that no name has"),
    ("name", "no_letters"): _l("Write the name in letters"),
    ("birth_date", "missing"): _l("Enter the date of birth"),
    ("birth_date", "malformed"): _l("Enter a real day, such as 27 3 1990"),
    ("birth_date", "in_future"): _l("The date of birth must be in the past"),
    ("birth_date", "too_old"): _l("Check the year of birth"),
    ("birth_date", "not_adult"): _l(
        "The reservation must be in the name of an adult. Children come along with a parent"
    ),
    ("document", "missing"): _l("Enter the number of the document"),
    ("document", "too_long"): _l("Use at most 60 characters for the number of the document"),
    ("document", "characters"): _l("The number of a document has letters and digits only"),
    ("legal_stay", "missing"): _l("Choose what makes your stay legal"),
    ("legal_stay", "malformed"): _l("Choose what makes your stay legal"),
    ("legal_stay_until", "missing"): _l("Enter the last day of your legal stay"),
    ("legal_stay_until", "malformed"): _l("Enter a real day, such as 27 3 2027"),
    ("email", "missing"): _l("Enter your e-mail address"),
    ("email", "too_long"): _l("Enter a shorter e-mail address"),
    ("email", "malformed"): _l("Enter an e-mail address such as name@example.org"),
    ("phone", "missing"): _l("Enter your telephone number"),
    ("phone", "malformed"): _l("Enter a telephone number such as 601 234 567 or +380 50 123 4567"),
    ("language", "missing"): _l("Choose a language"),
    ("language", "malformed"): _l("Choose a language"),
    ("activation", "missing"): _l("Choose how you want to get the code"),
    ("wishes", "missing"): _l("Choose at least one day or hour"),
    ("children", "too_many"): _l("No more children can be added to this reservation"),
    ("birth_year", "missing"): _l("Enter the year of birth"),
    ("birth_year", "malformed"): _l("Enter the year of birth with four digits, such as 2018"),
    ("birth_year", "in_future"): _l("The year of birth must not be in the future"),
    ("birth_year", "not_minor"): _l(
        "Only children under 18 can be added. An adult needs a reservation of their own"
    ),
}


def sentence(field: str, reason: str) -> object:
    """Say in words what is wrong with a field, as domain.booking.details tells it."""
    return _WORDS.get((field.rpartition(".")[2], reason)) or _l("Check this answer")
