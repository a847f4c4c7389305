"""What the office states as the publisher of the pages, in words, and the pages on which it stands."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from server.staff.office.described import Group, Words

PUBLISHER: dict[str, Words] = {
    "name": Words(_l("Full name of the office")),
    "address": Words(_l("Address")),
    "email": Words(_l("E-mail address")),
    "phone": Words(_l("Telephone")),
    "accessibility.status": Words(
        _l("The website complies"), _l("With the act of 4 April 2019 on digital accessibility.")
    ),
    "accessibility.not_accessible": Words(
        _l("What does not comply"), _l("Why, and how else to get it; an entry for each.")
    ),
    "accessibility.not_covered": Words(_l("What the act does not apply to")),
    "accessibility.too_costly": Words(_l("What would be a disproportionate burden")),
    "accessibility.published": Words(_l("The website was published on")),
    "accessibility.changed": Words(_l("Its last major change was on")),
    "accessibility.stated": Words(_l("The statement was prepared on")),
    "accessibility.reviewed": Words(_l("It was last reviewed on"), _l("Each year by 31 March.")),
    "accessibility.auditor": Words(
        _l("Who assessed the website"), _l("Left empty: the office did so itself.")
    ),
    "accessibility.report_url": Words(_l("Address of the report")),
    "accessibility.contact": Words(_l("Who sees to accessibility")),
    "accessibility.building": Words(_l("How everybody can use the building")),
    "accessibility.communication": Words(
        _l("Ways to speak with the office"), _l("Sign language, induction loops and others.")
    ),
    "accessibility.apps": Words(_l("Mobile applications"), _l("Left empty: the office has none.")),
    "privacy.officer": Words(_l("Data protection officer")),
    "privacy.legal_basis": Words(_l("The law that gives the office its task")),
    "privacy.recipients": Words(_l("Who gets data"), _l("Such as the SMS gateway; an entry for each.")),
    "privacy.transfers": Words(
        _l("Data that leaves the European Economic Area"), _l("Where to, and how it is protected there.")
    ),
    "privacy.retention": Words(_l("How long the office keeps what is not in these programs")),
    "privacy.authority": Words(_l("Supervisory authority"), _l("Left empty: the President of UODO.")),
}

PUBLISHER_GROUPS: dict[str, Group] = {
    "publisher": Group(_l("Name and contact of the office"), ("name", "address", "email", "phone")),
    "accessibility": Group(
        _l("Accessibility statement"), tuple(each for each in PUBLISHER if each.startswith("accessibility."))
    ),
    "privacy": Group(_l("Personal data"), tuple(each for each in PUBLISHER if each.startswith("privacy."))),
}
