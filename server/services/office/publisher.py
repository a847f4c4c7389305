"""What the office states as the publisher of the pages, and its own terms and clauses in versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.publisher import (
    CLAUSE,
    TERMS,
    Publication,
    PublisherPolicy,
    not_stated,
    publication,
    publisher_policy,
)
from server.domain.office.reading import SettingError
from server.store.queries import accounts as account_rows
from server.store.queries import office as rows
from server.store.tables import Publication as PublicationRow


@dataclass(frozen=True, slots=True)
class PublisherView:
    """The publisher with all versions of its texts; `problems` names what cannot be read."""

    policy: PublisherPolicy
    publications: tuple[Publication, ...]
    problems: tuple[str, ...] = ()

    def terms(self, version: str) -> Publication | None:
        """Find a version of the office's own terms; None: it has none, the built-in ones are shown."""
        return next((each for each in self.versions(TERMS) if each.version == version), None)

    def clause(self, today: date) -> Publication | None:
        """Return the office's own information clause that holds today."""
        return next((each for each in self.versions(CLAUSE) if each.since <= today), None)

    def versions(self, kind: str) -> list[Publication]:
        """List the versions of a kind of text, the newest first."""
        ours = [each for each in self.publications if each.kind == kind]
        return sorted(ours, key=lambda each: (each.since, each.version), reverse=True)

    def not_stated(self, terms_version: str | None = None) -> list[str]:
        """List what the office has to state and has not, or not readably; with a version also those terms."""
        missing = [*self.problems, *not_stated(self.policy)]
        own = self.terms(terms_version) if terms_version else self.versions(TERMS)
        if not own:
            which = f" of version {terms_version}" if terms_version else ""
            missing.append(f"publication: terms{which} (the built-in ones are shown)")
        return missing


def read_publisher(session: Session) -> PublisherView:
    """Read what the office states; what cannot be read is left out and named."""
    problems = []
    try:
        policy = publisher_policy(rows.publisher(session))
    except SettingError as error:
        policy = PublisherPolicy()
        problems.append(f"publisher.{error}")
    texts = []
    for row in rows.publications(session):
        try:
            texts.append(_publication(row))
        except SettingError as error:
            problems.append(f"publication {row.kind} {row.version}: {error}")
    return PublisherView(policy, tuple(texts), tuple(problems))


def set_up_publisher(session: Session, said: Mapping[str, Any]) -> None:
    """Write what a file states of the publisher; raise SettingError naming the first key that is wrong."""
    publisher_policy(said)
    rows.set_publisher(session, said)


def set_up_publication(session: Session, said: Mapping[str, Any]) -> None:
    """Write a version of a text; terms that somebody has accepted stay as they were accepted.

    Raises SettingError naming the key that is wrong.
    """
    text = publication(said)
    policy = {"since": text.since.isoformat(), "text": dict(text.text)}
    before = rows.publication(session, text.kind, text.version)
    is_changed = before is None or before.policy != policy
    if is_changed and text.kind == TERMS and account_rows.has_accepted(session, text.version):
        raise SettingError("version", f"people have accepted {text.version} as it was: choose a new version")
    rows.upsert(session, PublicationRow, {"kind": text.kind, "version": text.version}, {"policy": policy})


def _publication(row: PublicationRow) -> Publication:
    return publication({"kind": row.kind, "version": row.version} | row.policy)
