"""Signed checkpoints from the console: listed, compared with the log, and signed by a new key."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete

from server.admin.installation import opened
from server.services.audit.signing import prove
from server.store.facts import verify_chain
from server.store.tables import Fact
from tests.server_admin.conftest import ROOT, Desk


def sign_days(desk: Desk, *ahead: int) -> None:
    """Do what the server does in nights to come; some minutes later, so that a day just begun is over."""
    with opened(desk.settings) as place:
        context = place.context()
        for days in ahead:
            prove(place.store, replace(context, now=context.now + timedelta(days=days, minutes=10)))


def test_the_days_and_keys_of_a_branch_are_listed(either_desk: Desk) -> None:
    desk = either_desk
    assert "no day of wroclaw was signed yet" in desk.refused("audit", "keys", "--branch", "wroclaw")
    sign_days(desk, 1, 2)
    listed = desk.good("audit", "days", "--branch", "wroclaw").splitlines()
    assert listed[0].split() == ["day", "rows", "rows", "in", "all", "code"]
    assert len(listed) >= 3
    (key,) = desk.good("audit", "keys", "--branch", "wroclaw").splitlines()
    assert key.count("+") >= 2
    assert "there is no branch 'x'" in desk.refused("audit", "keys", "--branch", "x")


def test_a_new_key_signs_from_now_on(desk: Desk) -> None:
    sign_days(desk, 1)
    (old,) = desk.good("audit", "keys", "--branch", "wroclaw").splitlines()
    assert "from now on checkpoints are signed by" in desk.good("audit", "change-key")
    first, second = desk.good("audit", "keys", "--branch", "wroclaw").splitlines()
    assert first == old
    assert second != old


def test_verify_finds_a_tail_that_was_cut_off_which_the_chain_does_not(either_desk: Desk) -> None:
    desk = either_desk
    sign_days(desk, 1)
    assert "signed checkpoints, and each fits the facts" in desk.good("verify")
    store = desk.store()
    cut = delete(Fact).where(Fact.feed_number >= 2)
    store.write(lambda session: session.execute(cut) and None)
    assert store.read(verify_chain) is None
    store.close()
    assert "had other facts when" in desk.refused("verify")


_FOREIGN = """
import sys
import server.admin.audit.__main__
tops = {name.partition(".")[0] for name in sys.modules}
print(sorted(tops - set(sys.stdlib_module_names) - {"server", "wire", "__main__"}))
"""


def test_the_check_of_what_was_published_needs_one_library_and_no_database() -> None:
    told = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {[str(ROOT), *sys.path]!r}\n{_FOREIGN}"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    # Whatever else it loads are parts of cryptography.
    assert set(told.stdout.strip("[]\n").split(", ")) <= {
        *("'_cffi_backend'", "'_openssl'", "'cffi'", "'cryptography'")
    }
