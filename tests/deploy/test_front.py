"""The proxy before the server, as operators take its file."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.tracked import ROOT


def test_nginx_can_make_its_folder_of_pages_on_a_fresh_debian() -> None:
    """Nginx makes the last folder only, and does not start without the one above: Debian's has /var/lib/nginx."""
    paths = re.findall(r"(?m)^proxy_cache_path (\S+)", (ROOT / "deploy/nginx.conf").read_text())
    assert [Path(each).parent for each in paths] == [Path("/var/lib/nginx")]
