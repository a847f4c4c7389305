"""The pages of docs, and the settings of the office that they tell: read by the tests that compare them."""

from __future__ import annotations

from pathlib import Path

from server.domain.booking.policy import BookingPolicy, DrawPolicy, InformationPolicy
from server.domain.office.policies import BranchPolicy, ServicePolicy
from server.domain.office.publisher import AccessibilityPolicy, Contact, PrivacyPolicy, PublisherPolicy
from server.domain.office.slip import SlipPolicy

DOCS = Path(__file__).resolve().parents[2] / "docs"
POLICIES = (
    *(BranchPolicy, SlipPolicy, ServicePolicy, InformationPolicy, BookingPolicy, DrawPolicy),
    *(PublisherPolicy, AccessibilityPolicy, PrivacyPolicy, Contact),
)


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """Give the rows of all tables by their first cell."""
    found = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in page.splitlines()
        if "|" in line
    ]
    return {row[0].strip("`"): row[1:] for row in found}
