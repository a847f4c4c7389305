"""How a setting is described: its name, a sentence of help, and the page on which it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a setting is called, and what it rules where the name does not say it all."""

    label: object
    help: object = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that stand on one page, by their names in the office's file."""

    title: object
    names: tuple[str, ...]
