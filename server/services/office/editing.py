"""Changes of the office: by its file and its pages alike, each on record with old and new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.differences import differences, digest, part, with_part
from server.domain.office.reading import SettingError
from server.domain.office.templates import again, alone, template_of, unfollowed
from server.services.context import RuleBroken
from server.services.office import templates, things, writing
from server.services.office.things import Subject, Thing, Value, row_of, stated
from server.store.facts import NewFact, note
from server.store.queries import office as rows
from server.store.queries import office_changes as change_rows
from server.store.tables import OfficeChange
from wire.vocabulary import FactType


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the office, and when; `user_id` is None for its file."""

    now: datetime
    user_id: int | None = None


class ChangedMeanwhile(RuleBroken):
    """Somebody else changed what a form shows: `now` is what stands there instead, by the names of the form."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        super().__init__(409, "changed_meanwhile")
        self.now = now


class OfFollower(SettingError):
    """A template does not fit a branch or a service that follows it."""

    def __init__(self, follower: Thing, error: SettingError) -> None:
        super().__init__(error.key, error.problem)
        self.follower = follower


class Concerns(RuleBroken):
    """Others change with a template: `others` tells who and what, `sure` is the word for just these changes."""

    def __init__(self, session: Session, changed: Collection[OfficeChange]) -> None:
        super().__init__(409, "concerns_others")
        self.others = [(thing_of(session, each), differences(each.old, each.new)) for each in changed]
        self.sure = digest([[each.branch_id, each.name, each.old, each.new] for each in changed])


def change(session: Session, author: Author, thing: Thing, value: Value | None) -> OfficeChange | None:
    """Give a thing this value, or remove it with None; None when that changes nothing.

    Raises SettingError with the setting that is wrong, RuleBroken 409 `in_use` with what uses a thing.
    """
    old = stated(session, thing)
    if value is None:
        _remove(session, thing)
    else:
        writing.write(session, thing, value)
    new = stated(session, thing)
    if old == new:
        return None
    of = rows.branch_named(session, thing.branch) if thing.branch else None
    made = OfficeChange(
        at=author.now,
        user_id=author.user_id,
        branch_id=of.id if of else None,
        subject=thing.subject,
        name=thing.name,
        old=old,
        new=new,
    )
    session.add(made)
    session.flush()
    return made


def changes(session: Session, author: Author, thing: Thing, value: Value | None) -> list[OfficeChange]:
    """Change a thing, and with a template all that follow it.

    Raises what `change` raises, for a follower that the template does not fit OfFollower.
    """
    made = change(session, author, thing, value)
    if made is None or thing.subject is not Subject.TEMPLATE:
        return [made] if made else []
    found = [made]
    for each in templates.followers(session, thing):
        own = unfollowed(stated(session, each) or {}, templates.kind_of(each))
        try:
            changed = change(session, author, each, own)
        except SettingError as error:
            raise OfFollower(each, error) from None
        found += [changed] if changed else []
    return found


def finish(session: Session, author: Author, changed: Collection[OfficeChange]) -> None:
    """Have every server and every screen read the office again, if anything was changed."""
    if not changed:
        return
    codes = {row.id: row.code for row in rows.branches(session)}
    for branch_id in sorted({each.branch_id for each in changed if each.branch_id is not None}):
        data = {"branch": codes[branch_id]}
        note(session, NewFact(FactType.OFFICE_CHANGED, author.now, branch_id, data))
    rows.grow_version(session)


def edit(
    session: Session,
    author: Author,
    thing: Thing,
    said: Mapping[str, Any],
    *,
    names: Collection[str],
    seen: str,
    sure: str = "",
) -> None:
    """Change these settings of a thing to what a form says; `seen` is the digest of what the form showed.

    Raises ChangedMeanwhile when something else stands there now, SettingError, RuleBroken 404, and Concerns where
    others change with it, unless `sure` names just these changes.
    """
    old = _held(session, thing)
    now = part(old, names)
    if digest(now) != seen:
        raise ChangedMeanwhile(now)
    made = changes(session, author, thing, templates.marked(thing, old, with_part(old, names, said)))
    if made[1:] and (concerns := Concerns(session, made[1:])).sure != sure:
        raise concerns
    finish(session, author, made)


def seen_of(settings: Mapping[str, Any]) -> str:
    """Return a short word for what a form shows, to tell whether something else stands there by now."""
    return digest(dict(settings))


def change_together(session: Session, author: Author, wanted: Mapping[Thing, Mapping[str, Any]]) -> None:
    """Give several things new settings at once, None for the default; those that are not named stay."""
    rows.hold_office(session)
    made = []
    for thing, said in wanted.items():
        old = stated(session, thing)
        if old is None:
            raise RuleBroken(404, "not_found", what=str(thing.subject))
        made.append(change(session, author, thing, with_part(old, said, said)))
    finish(session, author, [each for each in made if each is not None])


def add(session: Session, author: Author, thing: Thing, value: Value) -> None:
    """Make a new thing. Raises SettingError, also when there is one of this name."""
    rows.hold_office(session)
    if stated(session, thing) is not None:
        raise SettingError(_NAME_OF[thing.subject], "there is one of this name already")
    change_alone(session, author, thing, value)


def add_template_of(session: Session, author: Author, template: Thing, value: Value, of: Thing) -> None:
    """Make a template that says what a branch or a service is now; `value` is its title.

    Raises SettingError, RuleBroken 404.
    """
    said = template_of(_held(session, of), templates.kind_of(of))
    add(session, author, template, {**said, **value})


def remove(session: Session, author: Author, thing: Thing) -> None:
    """Remove a thing that nothing uses. Raises RuleBroken 409 `in_use` with what uses it."""
    rows.hold_office(session)
    change_alone(session, author, thing, None)


def archive(session: Session, author: Author, thing: Thing, is_archived: bool) -> None:
    """Put a thing away, or take it out again: it keeps all that points at it, and lets nobody new in."""
    old = _held(session, thing)
    said = {"archived": True} if is_archived else {}
    change_alone(session, author, thing, with_part(old, ["archived"], said))


def follow(session: Session, author: Author, thing: Thing, code: str, keep: Collection[str] = ()) -> None:
    """Have a branch or a service follow a template; the settings in `keep` stay its own.

    Raises SettingError, RuleBroken 404.
    """
    old = _held(session, thing)
    change_alone(session, author, thing, templates.taking(session, thing, old, code, keep))


def follow_again(session: Session, author: Author, thing: Thing, names: Collection[str]) -> None:
    """Have these settings of a follower be as its template says. Raises SettingError, RuleBroken 404."""
    change_alone(session, author, thing, again(_held(session, thing), names))


def leave_template(session: Session, author: Author, thing: Thing) -> None:
    """Have a follower keep its present values as its own, without a template. Raises RuleBroken 404."""
    change_alone(session, author, thing, alone(_held(session, thing)))


def remove_template(session: Session, author: Author, template: Thing) -> None:
    """Remove a template; what follows it keeps its present values as its own. Raises RuleBroken 404."""
    rows.hold_office(session)
    made = [
        change(session, author, each, alone(stated(session, each) or {}))
        for each in templates.followers(session, template)
    ]
    made += changes(session, author, template, None)
    finish(session, author, [each for each in made if each])


def _held(session: Session, thing: Thing) -> dict[str, Any]:
    """Return what a thing is, with the office held for a change. Raises RuleBroken 404."""
    rows.hold_office(session)
    found = stated(session, thing)
    if found is None:
        raise RuleBroken(404, "not_found", what=str(thing.subject))
    return found


def take_back(session: Session, author: Author, change_id: int, branch_id: int | None = None) -> None:
    """Give the settings of a change their old values again, as a change of its own.

    With `branch_id` only a change of that branch. Raises RuleBroken 404, 409 `taken_back_already`,
    `changed_since` and `in_use`, SettingError where the old value does not fit any more.
    """
    rows.hold_office(session)
    row = session.get(OfficeChange, change_id)
    if row is None or (branch_id is not None and row.branch_id != branch_id):
        raise RuleBroken(404, "not_found", what="change")
    if row.undone_by_id is not None:
        raise RuleBroken(409, "taken_back_already")
    thing = thing_of(session, row)
    now = stated(session, thing)
    before = _before(row, now)
    if before is not None and now is not None:
        before = templates.marked(thing, now, before)
    made = change_alone(session, author, thing, before)
    if made is not None:
        row.undone_by_id = made.id


def thing_of(session: Session, row: OfficeChange) -> Thing:
    """Return the thing that a change was made to."""
    of = None if row.branch_id is None else rows.branch_code(session, row.branch_id)
    return Thing(Subject(row.subject), row.name, of)


def _before(row: OfficeChange, now: Value | None) -> dict[str, Any] | None:
    """Return a thing as it was before a change, but for what was changed elsewhere in it since."""
    if row.old is None or row.new is None or now is None:
        if now != row.new:
            raise RuleBroken(409, "changed_since")
        return row.old
    names = [each.name for each in differences(row.old, row.new)]
    if any(each.name in names for each in differences(row.new, now)):
        raise RuleBroken(409, "changed_since")
    return with_part(now, names, part(row.old, names))


def change_alone(session: Session, author: Author, thing: Thing, value: Value | None) -> OfficeChange | None:
    """Make one change of the office, with what follows a template, and have it read again."""
    made = changes(session, author, thing, value)
    finish(session, author, made)
    return made[0] if made else None


def _remove(session: Session, thing: Thing) -> None:
    """Remove a thing's row with what is nothing without it."""
    row = row_of(session, thing)
    if row is None or thing.subject in _STAYS:
        raise RuleBroken(404, "not_found", what=str(thing.subject))
    used = change_rows.uses(session, row)
    if thing.subject in (Subject.SERVICE, Subject.COUNTER):
        used |= _named_by_branch(session, thing)
    if thing.subject is Subject.TEMPLATE:
        used |= Counter(each.subject for each in templates.followers(session, thing))
    if used:
        raise RuleBroken(409, "in_use", uses=used)
    change_rows.delete_row(session, row)


def _named_by_branch(session: Session, thing: Thing) -> dict[str, int]:
    policy = things.branch_row(session, thing).policy
    name, value = {
        Subject.SERVICE: ("information_service", thing.name),
        Subject.COUNTER: ("help_counter", int(thing.name) if thing.name.isdecimal() else 0),
    }[thing.subject]
    return {name: 1} if policy.get(name) == value else {}


_STAYS = (Subject.BRANCH, Subject.ORDER, Subject.PUBLISHER, Subject.PUBLICATION)
_NAME_OF = {
    Subject.BRANCH: "code",
    Subject.HALL: "code",
    Subject.SERVICE: "letter",
    Subject.COUNTER: "number",
    Subject.TEMPLATE: "code",
    Subject.PUBLICATION: "version",
}
