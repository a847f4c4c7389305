"""`python -m server.texts update|compile|missing`: the sentences of pages and letters for translators."""

from __future__ import annotations

import sys

from server.texts.collecting import (
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
        print("usage: python -m server.texts update|compile|missing", file=sys.stderr)
        return 2
    return {"update": _update, "compile": _compile, "missing": _missing}[arguments[0]]()


def _update() -> int:
    """Bring new sentences into the files of the translators; those that are gone leave them."""
    template = collected()
    for language in translated():
        po_file(language).parent.mkdir(parents=True, exist_ok=True)
        po_file(language).write_bytes(updated(language, template))
    print(f"{len(template)} sentences; now translate what `missing` lists, then `compile`")
    return 0


def _compile() -> int:
    for language in translated():
        mo_file(language).write_bytes(compiled(language))
    return 0


def _missing() -> int:
    template, lacks = collected(), 0
    for language in translated():
        for sentence, problem in missing(template, read_po(language)):
            print(f"{language}: {problem}: {sentence!r}")
            lacks += 1
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
