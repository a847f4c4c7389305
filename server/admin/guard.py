"""`admin suspicious` and `admin evidence`: what looks made by a program, and its traces for the authorities."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from server.admin.failures import OperatorMistake
from server.admin.installation import branch_of, opened
from server.admin.listing import print_columns, private_file
from server.services.context import Context
from server.services.guard import evidence
from server.services.guard.suspicion import Suspicious, suspicious
from server.store.signature import is_genuine, public_key, public_keys, sign
from wire.settings import ServerSettings

_HEAD = ("id", "score", "reasons", "branch", "service", "status", "visit", "made", "filled in", "evidence")
_VERSION = 1


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    look = commands.add_parser(
        "suspicious",
        help="list reservations that look as if a program had made them",
        description="List reservations that look as if a program had made them, the worst first. It is a hint: "
        "look before you remove one with `reservation remove`.",
    )
    look.add_argument("--branch", metavar="CODE", help="of this branch only")
    look.add_argument(
        "--days", type=float, default=1, metavar="N", help="made in the last N days (default: 1)"
    )
    look.add_argument("--score", type=int, default=3, metavar="N", help="of at least this score (default: 3)")
    look.set_defaults(run=_list)
    traces = commands.add_parser("evidence", help="evidence of automation: export, verify")
    actions = traces.add_subparsers(required=True, metavar="export | verify")
    out = actions.add_parser("export", help="write the held evidence, signed, into a file")
    out.add_argument("file", type=Path, metavar="FILE.json")
    out.add_argument(
        "--reservation", type=int, action="append", metavar="ID", help="of this one, held or not; repeatable"
    )
    out.set_defaults(run=_export)
    check = actions.add_parser("verify", help="say whether a file of evidence is as it was signed")
    check.add_argument("file", type=Path, metavar="FILE.json")
    check.add_argument(
        "--key", metavar="HEX", help="the public key that export printed (default: this installation's)"
    )
    check.set_defaults(run=_verify)


def _list(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    if not 0 < chosen.days <= 3650:
        raise OperatorMistake("--days is more than 0, and 3650 at most.")
    with opened(settings) as place:
        context = place.context()
        branch_id = branch_of(context, chosen.branch).id if chosen.branch else None
        within = timedelta(days=chosen.days)
        found = place.store.read(
            lambda session: suspicious(session, context, branch_id, within, chosen.score)
        )
    print_columns(_HEAD, [_row(context, each) for each in found])


def _row(context: Context, each: Suspicious) -> tuple[object, ...]:
    branch = context.office.branch_named(each.branch)
    zone = branch.policy.zone if branch else None
    visit, made = (at.astimezone(zone) for at in (each.appointment_at, each.made_at))
    return (
        *(each.reservation_id, each.score, ", ".join(each.reasons), each.branch, each.service, each.status),
        *(f"{visit:%Y-%m-%d %H:%M}", f"{made:%Y-%m-%d %H:%M:%S}", f"{each.fill_ms / 1000:.1f} s"),
        "held" if each.is_held else None,
    )


def _export(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        records = place.write(lambda session: evidence.export(session, context, chosen.reservation))
        if not records:
            raise OperatorMistake("there is no such evidence: nothing was written.")
        content = {
            "version": _VERSION,
            "exported_at": context.now.isoformat(),
            "installation": settings.public_url,
            "evidence": records,
        }
        key = public_key(place.keys)
        signed = {
            "content": content,
            "public_key": key,
            "signature": sign(place.keys, _canonical(content)),
            "signed": "Ed25519 over the content as JSON in UTF-8, keys in order, without spaces",
        }
    with private_file(chosen.file) as file:
        json.dump(signed, file, ensure_ascii=False, indent=1)
    print(f"numerek: {len(records)} in {chosen.file}, signed by {key}")


def _verify(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    try:
        signed = json.loads(chosen.file.read_text(encoding="utf-8"))
        content, signature = signed["content"], signed["signature"]
        count = len(content["evidence"])
    except OSError as error:
        raise OperatorMistake(f"{chosen.file}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        raise OperatorMistake(f"{chosen.file} is no file of evidence.") from None
    known = [chosen.key]
    if chosen.key is None:
        with opened(settings) as place:
            known = public_keys(place.keys)
    body = _canonical(content)
    if not isinstance(signature, str) or not any(is_genuine(key, body, signature) for key in known):
        raise OperatorMistake(f"{chosen.file} was changed, or signed by another than {' or '.join(known)}.")
    print(f"numerek: {chosen.file} is as it was signed: {count} of {content.get('exported_at')}")


def _canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
