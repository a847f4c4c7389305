"""`admin init` and `admin office`: from an empty folder to an office that a server can open."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, inspect, select
from sqlalchemy.pool import NullPool

from server.admin.failures import OperatorMistake
from server.admin.installation import Installation, opened, refuse_foreign_account
from server.admin.listing import counted
from server.admin.toml_writer import toml_text
from server.services.context import RuleBroken
from server.services.office.exporting import office_tables
from server.services.office.set_up import Overwrites, set_up_office
from server.services.office.settings import read_office
from server.store.engine import is_sqlite
from server.store.key_file import create_key_file
from server.store.open_store import database_url
from server.store.queries.office import KEY_CHECK
from server.store.tables import Setting
from wire.config_file import ConfigError, read_tables
from wire.settings import ServerSettings


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    init = commands.add_parser("init", help="make key and database; with --office also the office")
    init.add_argument("--office", type=Path, metavar="FILE", help="the office's set-up (docs/office.md)")
    init.set_defaults(run=_init)
    office = commands.add_parser("office", help="apply a changed set-up file, also beside a running server")
    office.add_argument(
        "file", metavar="FILE", help="the office's set-up (docs/office.md); `export` prints it"
    )
    office.add_argument(
        "--overwrite", action="store_true", help="also overwrite what was changed on the staff's pages since"
    )
    office.set_defaults(run=_office)


def _init(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    refuse_foreign_account(settings.data_dir)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _have_key(settings)
    with opened(settings) as place:
        print(f"numerek: the database is ready: {place.store.engine.url.render_as_string()}")
        if chosen.office:
            _apply(place, chosen.office)
        elif not place.store.read(read_office).branches:
            print("numerek: next: numerek admin office FILE (a sample is deploy/demo/office.toml)")


def _have_key(settings: ServerSettings) -> None:
    """Make the key file unless there is one; never a second key for a database that has one already."""
    if settings.secrets_file.exists():
        return
    if _is_sealed(database_url(settings)):
        raise OperatorMistake(
            f"the database has a key already, but {settings.secrets_file} is missing: "
            "bring it back from where it is kept safe; a new one would not open this database."
        )
    create_key_file(settings.secrets_file)
    print(
        f"numerek: new key in {settings.secrets_file}: keep a copy in a safe place, backups are useless without"
    )


def _is_sealed(url: str) -> bool:
    """Say whether a database has been used with a key; one that is not there is not made by the look."""
    if is_sqlite(url) and not Path(url.removeprefix("sqlite:///")).exists():
        return False
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if not inspect(connection).has_table(Setting.__tablename__):
            return False
        return connection.execute(select(Setting.value).where(Setting.name == KEY_CHECK)).first() is not None


def _office(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        if chosen.file == "export":
            print(toml_text(place.store.read(office_tables)), end="")
        else:
            _apply(place, Path(chosen.file), overwrite=chosen.overwrite)


def _apply(place: Installation, file: Path, *, overwrite: bool = False) -> None:
    _, office = read_tables(file)
    try:
        changed = place.write(
            lambda session: len(set_up_office(session, datetime.now(UTC), office, overwrite=overwrite))
        )
    except Overwrites as broken:
        _ask_to_overwrite(broken)
        return _apply(place, file, overwrite=True)
    except RuleBroken as broken:
        if broken.reason != "office_file":
            raise
        raise ConfigError(f"{file}, {broken.facts['place']}: {broken.facts['problem']}.") from None
    _tell(place, changed)


def _ask_to_overwrite(broken: Overwrites) -> None:
    """Show what would be lost and go on after a typed yes; raises OperatorMistake without one."""
    print("numerek: the file would overwrite what was changed on the staff's pages:")
    for thing, who, each in broken.lost:
        print(
            f"  {' '.join(filter(None, [thing.branch, thing.subject, thing.name]))}, {each.name} (by {who}):"
        )
        print(f"    - {json.dumps(each.old, ensure_ascii=False)}")
        print(f"    + {json.dumps(each.new, ensure_ascii=False)}")
    if sys.stdin.isatty() and input("numerek: overwrite it? Type yes: ").strip() == "yes":
        return
    raise OperatorMistake(
        "nothing was changed: repeat the command with --overwrite, or take over what is there by "
        "`numerek admin office export`."
    )


def _tell(place: Installation, changed: int) -> None:
    applied = place.store.read(read_office)
    for branch in applied.branches.values():
        print(
            f"numerek: {branch.code}: {counted(len(branch.services), 'service')}, "
            f"{counted(len(branch.counters), 'counter')}, {counted(len(branch.halls), 'hall')}"
        )
    if missing := applied.publisher.not_stated():
        print(f"numerek: the pages say that the office has not stated yet: {', '.join(missing)}")
    print(
        f"numerek: {counted(changed, 'change')}; a running server takes over what is new within a second"
        if changed
        else "numerek: nothing is different from what was there"
    )
