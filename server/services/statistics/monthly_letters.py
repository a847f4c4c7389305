"""The report of a month by mail: to whom the branch says, once a month, and once more when a manager asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.office.hours import start_of_day
from server.domain.statistics.mailing import code_of, month_to_mail
from server.domain.statistics.periods import Period
from server.services import messages
from server.services.context import Context, RuleBroken
from server.services.guard.limits import Limit, admit
from server.services.messages import NewMessage
from server.services.office.settings import BranchView
from server.services.ports import Outside
from server.store.queries.statistics import mailings as rows
from server.store.store import Store
from wire.vocabulary import Channel, MessageKind, MessageStatus

# A report is printed in some seconds; who gets the same one gets it from the copy that is kept meanwhile.
_APART = timedelta(minutes=1)
_USEFUL = timedelta(days=14)
_ASKED = Limit("monthly_report", 5, timedelta(hours=1))
_MOST_LETTERS = 60
_MOST_MAILINGS = 3


@dataclass(frozen=True, slots=True)
class Mailing:
    """What became of the letters with the report of a month that were put out together; `problems` are words."""

    month: str
    at: datetime
    sent: int
    waiting: int
    failed: int
    problems: tuple[str, ...]


def mail_reports(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Put out the letters with last month's report where it is time for them: a job; return how many."""
    return sum(_mail(store, context, branch) for branch in context.office.branches.values())


def _mail(store: Store, context: Context, branch: BranchView) -> int:
    policy = branch.policy
    if policy.archived or not policy.report_mail_to:
        return 0
    month = month_to_mail(policy.wall(context.now), policy.report_mail_day)
    if month is None or not store.read(partial(_is_ready, branch=branch, month=month)):
        return 0
    return store.write(partial(_begin, context=context, branch=branch, month=month))


def _is_ready(session: Session, branch: BranchView, month: Period) -> bool:
    """Say whether a report is to be sent: not yet sent, of a month that the branch knew, and all summed up."""
    return (
        not rows.is_begun(session, branch.id, month.first)
        and rows.is_known(session, branch.id, month.last)
        and rows.is_summed_up(session, branch.id, month.first, month.last)
    )


def _begin(session: Session, context: Context, branch: BranchView, month: Period) -> int:
    if not rows.begin(session, branch.id, month.first, context.now):
        return 0
    return _post(session, context, branch, month)


def send_now(session: Session, context: Context, branch: BranchView, month: Period) -> int:
    """Put out the letters with the report of a month at a manager's wish; return how many.

    The month's own letters go at their time all the same. Raises RuleBroken 409 `no_addresses`, `not_there_yet`
    (nothing happened at the branch up to the end of the month), and 429 `too_often`.
    """
    if not branch.policy.report_mail_to:
        raise RuleBroken(409, "no_addresses")
    if not rows.is_known(session, branch.id, month.last):
        raise RuleBroken(409, "not_there_yet")
    if (wait := admit(session, context, _ASKED, str(branch.id))) is not None:
        raise RuleBroken(429, "too_often", retry_after=wait)
    return _post(session, context, branch, month, asked=True)


def mailings(session: Session, branch: BranchView) -> list[Mailing]:
    """Tell what became of the last reports that went by mail, the newest first."""
    together: dict[tuple[str, datetime], list[rows.MailedLetter]] = {}
    for letter in rows.letters(session, branch.code, _MOST_LETTERS):
        together.setdefault((letter.month, letter.made_at), []).append(letter)
    return [_mailing(month, at, found) for (month, at), found in list(together.items())[:_MOST_MAILINGS]]


def _mailing(month: str, at: datetime, letters: list[rows.MailedLetter]) -> Mailing:
    states = [MessageStatus(each.status) for each in letters]
    sent = states.count(MessageStatus.SENT)
    waiting = states.count(MessageStatus.QUEUED) + states.count(MessageStatus.SENDING)
    problems = tuple(sorted({each.problem for each in letters if each.problem}))
    return Mailing(month, at, sent, waiting, len(letters) - sent - waiting, problems)


def _post(
    session: Session, context: Context, branch: BranchView, month: Period, *, asked: bool = False
) -> int:
    """Put a letter to each address into the outbox; whoever asks twice within a minute is sent one."""
    code = code_of(month)
    of = f"monthly_report {branch.id} {code}" + (f" {context.now:%Y%m%d%H%M}" if asked else "")
    posted = 0
    for place, address in enumerate(dict.fromkeys(branch.policy.report_mail_to)):
        over_at = start_of_day(month.last, branch.policy.zone)
        reader = context.keys.lookup_at("monthly report", address.casefold(), over_at).hex()[:32]
        message = NewMessage(
            kind=MessageKind.MONTHLY_REPORT,
            channel=Channel.EMAIL,
            language=branch.policy.office_language,
            to=address,
            key=f"{of} {reader}",
            facts={"branch": branch.code, "month": code},
            due_at=context.now + place * _APART,
            expires_at=context.now + _USEFUL,
        )
        posted += messages.post(session, context, message)
    return posted
