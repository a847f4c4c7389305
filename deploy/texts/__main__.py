"""Runs `./numerek texts update|missing|compile`."""

from __future__ import annotations

import sys

from deploy.texts.collecting import (
    DOMAINS,
    collected,
    compiled,
    missing,
    mo_file,
    po_file,
    read_po,
    translated,
    updated,
)


def main(arguments: list[str]) -> int:
    """Run one command; `missing` returns 1 where a sentence lacks its translation."""
    if arguments not in (["update"], ["compile"], ["missing"]):
        print("usage: numerek texts update|missing|compile", file=sys.stderr)
        return 2
    return {"update": _update, "compile": _compile, "missing": _missing}[arguments[0]]()


def _update() -> int:
    """Bring new sentences into the files of the translators; those that are gone leave them."""
    for domain in DOMAINS:
        template = collected(domain)
        for language in translated(domain):
            po_file(language, domain).parent.mkdir(parents=True, exist_ok=True)
            po_file(language, domain).write_bytes(updated(language, template, domain))
        print(f"{domain}: {len(template)} sentences; translate what `missing` lists, then `compile`")
    return 0


def _compile() -> int:
    for domain in DOMAINS:
        for language in translated(domain):
            mo_file(language, domain).write_bytes(compiled(language, domain))
    return 0


def _missing() -> int:
    lacks = 0
    for domain in DOMAINS:
        template = collected(domain)
        for language in translated(domain):
            for sentence, problem in missing(template, read_po(language, domain)):
                print(f"{domain}: {language}: {problem}: {sentence!r}")
                lacks += 1
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
