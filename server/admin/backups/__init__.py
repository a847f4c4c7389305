"""`admin backup` and `admin restore`: a copy of the database beside a running server, and the way back.

The keys of people lie beside the backups in one file that each backup writes anew: people erased since then
cannot be read in any of them (docs/adr/0018).
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from server.admin.backups import postgres, sqlite
from server.admin.failures import OperatorMistake
from server.admin.installation import opened, refuse_foreign_account
from server.store.engine import is_sqlite
from server.store.facts import verify_chain
from server.store.health import BACKUP_MARK
from server.store.key_file import load_key_file
from server.store.open_store import session_url
from wire.settings import ServerSettings

KEPT = 60
_PREFIX = "numerek-"
KEYS = "personal-keys"


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    backup = commands.add_parser("backup", help="copy the database, also beside a running server")
    backup.add_argument("--out", type=Path, metavar="DIR", help="where (default: backups in the data folder)")
    backup.add_argument(
        "--keep",
        type=int,
        default=KEPT,
        metavar="N",
        help=f"drop all but the newest N there (default: {KEPT})",
    )
    backup.set_defaults(run=_backup)
    restore = commands.add_parser(
        "restore",
        help="put a backup in the database's place",
        description="Put a backup in the database's place. The database that was there is kept beside it.",
    )
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument(
        "--keys", type=Path, metavar="FILE", help=f"the keys of people (default: {KEYS}… beside the backup)"
    )
    restore.add_argument(
        "--without-keys", action="store_true", help="although all personal data is lost then"
    )
    restore.add_argument(
        "--force", action="store_true", help="although a server, or somebody, uses the database"
    )
    restore.set_defaults(run=_restore)


def _backup(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    if chosen.keep < 1:
        raise OperatorMistake("--keep is at least 1.")
    refuse_foreign_account(settings.data_dir)
    url, folder = session_url(settings), chosen.out or settings.data_dir / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kind = sqlite if is_sqlite(url) else postgres
    file = folder / f"{_PREFIX}{_stamp()}{kind.SUFFIX}"
    kind.back_up(url, file, folder / f"{KEYS}{kind.SUFFIX}")
    for old in sorted(folder.glob(f"{_PREFIX}*{kind.SUFFIX}"))[: -chosen.keep]:
        old.unlink(missing_ok=True)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.data_dir / BACKUP_MARK).touch(mode=0o600)
    print(f"numerek: {file} ({file.stat().st_size / 1e6:.1f} MB)")


def _restore(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    refuse_foreign_account(settings.data_dir)
    url, keys = session_url(settings), load_key_file(settings.secrets_file)
    if not chosen.file.is_file():
        raise OperatorMistake(f"there is no file {chosen.file}.")
    kind = sqlite if is_sqlite(url) else postgres
    beside = chosen.file.parent / f"{KEYS}{kind.SUFFIX}"
    people = None if chosen.without_keys else chosen.keys or beside
    replaced = kind.restore(url, chosen.file, people, keys.holds, _stamp(), force=chosen.force)
    print(f"numerek: {chosen.file} is in place: the server may be started", flush=True)
    if replaced:
        print(f"numerek: what was there before is kept as {replaced}", flush=True)
    with opened(settings) as place:
        broken = place.store.read(verify_chain)
    if broken is not None:
        raise OperatorMistake(f"the event log of this backup was changed at the fact {broken}.")


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
