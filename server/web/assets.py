"""Where the stylesheets and scripts lie that the set-up fetched for the pages."""

from __future__ import annotations

import sys
from pathlib import Path


class AssetsMissing(Exception):
    """The set-up has not fetched what browsers need; says how to mend it."""


def assets_folder() -> Path:
    """Find the folder of fetched stylesheets and scripts; raises AssetsMissing."""
    folder = Path(sys.prefix) / "web" / "site"
    if not folder.is_dir():
        raise AssetsMissing(f"there are no stylesheets and scripts in {folder}: run ./numerek setup")
    return folder
