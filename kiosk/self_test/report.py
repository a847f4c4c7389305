"""The report of a self-test: pass or fail by clause, as one page of HTML and as a PDF."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from kiosk.self_test.measures import Finding, Rule

MOST_LISTED = 40
TABLE = '<table width="100%" cellpadding="4">'
STYLE = """
body { font-family: "Noto Sans", sans-serif; font-size: 10pt; color: #0F1C2E; max-width: 60em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 4px 8px; border: 1px solid #8A94A3; vertical-align: top; }
.pass { color: #0A7043; font-weight: bold; }
.fail { color: #A8201A; font-weight: bold; }
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was tested: when, on which panel, how many screens in how many manners."""

    at: datetime
    panel: str
    screens: int
    manners: int


def page(findings: Sequence[Finding], facts: Facts) -> str:
    """Write the report as HTML: a table by rule with its clauses, then what falls short, worst first."""
    by_rule: dict[Rule, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule].append(finding)
    failed = [rule for rule, found in by_rule.items() if not all(each.passed for each in found)]
    verdict = _verdict(not failed, f"{len(by_rule) - len(failed)} of {len(by_rule)} rules hold")
    parts = [
        f"<p>{escape(f'{facts.at:%Y-%m-%d %H:%M} UTC')} · {escape(facts.panel)} · {facts.screens} screens, "
        f"{facts.manners} manners (language, size of letters, colours)</p><p>{verdict}</p>",
        f"{TABLE}<tr><th>Rule</th><th>Clauses</th><th>Goal</th><th>Worst measured</th><th>Result</th></tr>",
        *(_row(rule, found) for rule, found in by_rule.items()),
        "</table>",
        *(_failures(rule, by_rule[rule]) for rule in failed),
    ]
    title = "Numerek: the kiosk's self-test"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>{''.join(parts)}</body></html>"
    )


def write_pdf(html: str, file: Path) -> None:
    """Write the page as a PDF on A4."""
    writer = QPdfWriter(str(file))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(15, 15, 15, 15), QPageLayout.Unit.Millimeter)
    document = QTextDocument()
    # Neither the programs' typeface nor their kinds of figures: in a PDF those cannot be searched or copied.
    document.setDefaultFont(QFont("Noto Sans", 10))
    document.setHtml(html)
    document.print_(writer)


def _row(rule: Rule, found: Sequence[Finding]) -> str:
    passed = sum(each.passed for each in found)
    cells = [rule.name, rule.clauses, rule.goal, measured(_worst(found))]
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr>{told}<td>{_verdict(passed == len(found), f'{passed} of {len(found)}')}</td></tr>"


def _worst(found: Sequence[Finding]) -> Finding:
    """Return the finding that says most about a rule: one that failed, the least, the greatest for a reach."""
    some = [each for each in found if not each.passed] or list(found)
    numbers = [each for each in some if isinstance(each.measured, float)]
    if not numbers:
        return some[0]
    goes_up = "above the floor" in numbers[0].rule.goal or "within" in numbers[0].rule.goal
    return (max if goes_up else min)(numbers, key=lambda each: float(each.measured or 0))


def measured(finding: Finding) -> str:
    """Write what was measured, as people read it."""
    value = finding.measured
    if isinstance(value, bool):
        return "yes" if value and finding.passed else "no"
    if isinstance(value, float):
        return f"{value:.1f}"
    return "–" if value is None else str(value)


def _failures(rule: Rule, found: Sequence[Finding]) -> str:
    """List the items that fall short, each once with the manners in which it does."""
    places: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for each in found:
        if not each.passed:
            places[each.screen, each.item].append(each)
    rows = [
        f"<tr><td>{escape(screen)}</td><td>{escape(item)}</td><td>{escape(measured(_worst(each)))}</td>"
        f"<td>{escape('; '.join(dict.fromkeys(one.manner for one in each)))}</td></tr>"
        for (screen, item), each in list(places.items())[:MOST_LISTED]
    ]
    more = f"<p>… and {len(places) - MOST_LISTED} more.</p>" if len(places) > MOST_LISTED else ""
    head = "<tr><th>Screen</th><th>Item</th><th>Measured</th><th>In</th></tr>"
    return f"<h2>{escape(rule.name)}: {escape(rule.goal)}</h2>{TABLE}{head}{''.join(rows)}</table>{more}"


def _verdict(passed: bool, text: str) -> str:
    word = "pass" if passed else "FAIL"
    return f'<span class="{word.lower()}">{word}</span> ({escape(text)})'
