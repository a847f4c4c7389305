"""Part of the set-up: fills the folder `web` of the virtual environment that this Python belongs to."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.web.assemble import assemble
from deploy.web.fetch import NotFetched, fetch


def main() -> int:
    """Fetch the packages and put the site together; 1, with the reason, when npm cannot."""
    folder = Path(sys.prefix) / "web"
    try:
        fetch(folder)
    except NotFetched as error:
        print(error, file=sys.stderr)
        return 1
    assemble(folder / "node_modules", folder / "site")
    return 0


if __name__ == "__main__":
    sys.exit(main())
