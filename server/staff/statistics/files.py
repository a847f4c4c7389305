"""The tables of the statistics as files: CSV, a workbook, and JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from server.domain.access.roles import Permission
from server.staff import branches
from server.staff.permissions import needs
from server.staff.statistics.headlines import as_table
from server.staff.statistics.reports import Shown, shown
from server.staff.statistics.values import Table, Unit, Value

pages = Blueprint("statistics_files", __name__)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMATS = {Unit.SHARE: "0.0%", Unit.MINUTES: "0.0", Unit.HOURS: "0.0", Unit.MEAN: "0.0", Unit.COUNT: "0"}
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_SHEET_NAME = 31


@pages.get(branches.AT + "/statistics/<code>.csv")
@needs(Permission.SEE_STATISTICS)
def one_csv(code: str) -> ResponseReturnValue:
    """Give one table as CSV."""
    found = shown()
    table = next((each for each in _all(found) if each.code == code), None)
    if table is None:
        abort(404)
    return _file(written_csv(table), "text/csv; charset=utf-8", found, f"{code}.csv")


@pages.get(branches.AT + "/statistics/all.zip")
@needs(Permission.SEE_STATISTICS)
def all_csv() -> ResponseReturnValue:
    """Give all tables as CSV, in one file."""
    found, kept = shown(), io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for table in _all(found):
            packed.writestr(f"{table.code}.csv", written_csv(table))
    return _file(kept.getvalue(), "application/zip", found, "csv.zip")


@pages.get(branches.AT + "/statistics/all.xlsx")
@needs(Permission.SEE_STATISTICS)
def workbook() -> ResponseReturnValue:
    """Give all tables as a workbook, a sheet each."""
    found = shown()
    return _file(written_workbook(_all(found)), _XLSX, found, "tables.xlsx")


@pages.get(branches.AT + "/statistics/all.json")
@needs(Permission.SEE_STATISTICS)
def all_json() -> ResponseReturnValue:
    """Give all tables as JSON."""
    found = shown()
    period, standing = found.choice.period, found.report.standing
    told = {
        "branch": branches.here().code,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "figures": "raw" if found.choice.is_raw else "cleaned",
        "service": found.choice.service.letter if found.choice.service else None,
        "made_at": standing.made_at.isoformat() if standing.made_at else None,
        "made_up_days": standing.samples,
        "tables": {
            table.code: {
                "title": table.title,
                "columns": [{"title": each.title, "unit": str(each.unit)} for each in table.columns],
                "rows": table.rows,
            }
            for table in _all(found)
        },
    }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return _file(body, "application/json", found, "tables.json")


def _all(found: Shown) -> list[Table]:
    return [as_table(found.headlines, is_compared=found.choice.compared is not None), *found.tables]


def _file(body: bytes, kind: str, found: Shown, name: str) -> Response:
    period = found.choice.period
    file_name = f"{branches.here().code}-{period.first}-{period.last}-{name}"
    response = Response(body, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=file_name)
    return response


def written_csv(table: Table) -> bytes:
    """Write a table as CSV that every spreadsheet opens: no text in it is taken for a formula."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow([_harmless(each.title) for each in table.columns])
    for row in table.rows:
        sheet.writerow([_harmless(value) for value in row])
    # With the mark of UTF-8 at its beginning, by which a spreadsheet tells it from older files.
    return text.getvalue().encode("utf-8-sig", "replace")


def _harmless(value: Value) -> Value:
    """Put an apostrophe before a text that a spreadsheet would work out."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_A_FORMULA) else value


def written_workbook(tables: list[Table]) -> bytes:
    """Write tables as a workbook; texts stay texts, whatever they begin with."""
    import xlsxwriter

    kept = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(kept, {"in_memory": True} | as_text) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        formats = {unit: book.add_format({"num_format": said}) for unit, said in _FORMATS.items()}
        for place, table in enumerate(tables, start=1):
            sheet = book.add_worksheet(_sheet_name(f"{place} {table.title}"))
            sheet.set_column(0, 0, 34)
            sheet.set_column(1, max(len(table.columns) - 1, 1), 14)
            sheet.freeze_panes(1, 1)
            for across, column in enumerate(table.columns):
                sheet.write_string(0, across, column.title, bold)
            for down, row in enumerate(table.rows, start=1):
                for across, (value, column) in enumerate(zip(row, table.columns, strict=True)):
                    if isinstance(value, str):
                        sheet.write_string(down, across, value)
                    elif value is not None:
                        sheet.write_number(down, across, value, formats.get(column.unit))
    return kept.getvalue()


def _sheet_name(text: str) -> str:
    return _NO_SHEET_NAME.sub(" ", text)[:_LONGEST_SHEET_NAME].strip()
