"""`admin audit`: the key that signs the checkpoints, and the days that were signed."""

from __future__ import annotations

import argparse

from server.admin.failures import OperatorMistake
from server.admin.installation import branch_of, opened
from server.admin.listing import print_columns
from server.services.audit import publication
from server.services.audit.signing import change_key
from wire.settings import ServerSettings

_MOST = 30


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    audit = commands.add_parser("audit", help="signed checkpoints of the log: days, keys, change-key")
    actions = audit.add_subparsers(required=True, metavar="days | keys | change-key")
    days = actions.add_parser("days", help="the last days that were signed, the newest first")
    days.set_defaults(run=_days)
    keys = actions.add_parser("keys", help="the public keys of a branch's checkpoints, the one in use last")
    keys.set_defaults(run=_keys)
    for each in (days, keys):
        each.add_argument("--branch", required=True, metavar="CODE")
    change = actions.add_parser(
        "change-key",
        help="let a new key sign from now on",
        description="The next checkpoint of each branch is signed by both keys, those after it by the new one.",
    )
    change.set_defaults(run=_change_key)


def _days(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        branch = branch_of(place.context(), chosen.branch)
        found = place.store.read(lambda session: publication.days(session, branch.id, _MOST))
    print_columns(
        ("day", "rows", "rows in all", "code"), [(day.day, day.rows, day.size, day.short) for day in found]
    )


def _keys(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        branch = branch_of(place.context(), chosen.branch)
        found = place.store.read(lambda session: publication.keys(session, branch.id))
    if not found:
        raise OperatorMistake(f"no day of {branch.code} was signed yet: the first is when its day is over.")
    for key in found:
        print(key.verifier)


def _change_key(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        public_key = place.write(lambda session: change_key(session, context))
    print(f"numerek: from now on checkpoints are signed by {public_key.hex()}")
    print("numerek: publish the new key where the old one was: `admin audit keys --branch CODE` writes it")
