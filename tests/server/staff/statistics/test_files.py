"""The tables as files: the same numbers as on the page, and no text that a spreadsheet works out."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import update

from server.store.tables import Service
from tests.server.sample_office import SampleOffice
from tests.server.services.statistics.test_keeping import kept, served
from tests.server.staff.people import Colleague
from tests.server.staff.statistics.test_overview import PAGE, SignedIn
from wire.vocabulary import Role

HOSTILE = '=HYPERLINK("http://x","<b>&\''
TODAY = "period=today&compare=nothing"


@pytest.fixture
def manager(office: SampleOffice, signed_in: SignedIn) -> Colleague:
    """Give a manager of an office that served somebody at a service with a hostile name."""
    names = {"pl": HOSTILE, "en": HOSTILE}
    office.store.write(
        lambda session: session.execute(update(Service).where(Service.letter == "N").values(names=names))
    )
    office.runtime.office.forget()
    served(office)
    kept(office)
    return signed_in(Role.MANAGER)


def test_json_has_all_tables(manager: Colleague) -> None:
    answer = manager.get(f"{PAGE}/all.json?{TODAY}")
    told: dict[str, Any] = json.loads(answer.response.data)
    assert (told["branch"], told["first"], told["last"]) == ("wroclaw", "2026-11-23", "2026-11-23")
    assert (told["figures"], told["made_up_days"]) == ("cleaned", 0)
    assert told["tables"]["services"]["rows"][0][:3] == [f"N – {HOSTILE}", 1, 8.5]
    assert told["tables"]["hours"]["columns"][1] == {"title": "Tickets a day", "unit": "mean"}
    assert "attachment" in answer.headers["Content-Disposition"]


def test_csv_is_one_table_and_its_cells_are_no_formulas(manager: Colleague) -> None:
    answer = manager.get(f"{PAGE}/services.csv?{TODAY}")
    rows = list(csv.reader(io.StringIO(answer.response.data.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Service", "Served"]
    assert rows[1][:2] == [f"N – {HOSTILE}", "1"]
    assert manager.get(f"{PAGE}/no_such.csv?{TODAY}").status == 404


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_text_that_begins_like_a_formula_is_text(begin: str) -> None:
    from server.staff.statistics.files import written_csv, written_workbook
    from server.staff.statistics.values import Column, Table, Unit

    text = f"{begin}1+1"
    table = Table("x", f"{begin}[]:*?/\\'", "", (Column("a", Unit.TEXT), Column("b")), ((text, -1),))
    (_head, row) = csv.reader(io.StringIO(written_csv(table).decode("utf-8-sig"), newline=""))
    assert row == [f"'{text}", "-1"], "a number below nothing stays a number"
    sheet = zipfile.ZipFile(io.BytesIO(written_workbook([table]))).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_a_workbook_has_a_sheet_for_each_table_and_no_formula(manager: Colleague) -> None:
    data = manager.get(f"{PAGE}/all.xlsx?{TODAY}").response.data
    book = zipfile.ZipFile(io.BytesIO(data))
    sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    tables = json.loads(manager.get(f"{PAGE}/all.json?{TODAY}").response.data)["tables"]
    assert len(sheets) == len(tables)
    assert all(b"<f>" not in book.read(name) for name in sheets)
    shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    assert any(HOSTILE in (each.text or "") for each in shared.iter())


def test_all_tables_as_csv_in_one_file(manager: Colleague) -> None:
    packed = zipfile.ZipFile(io.BytesIO(manager.get(f"{PAGE}/all.zip?{TODAY}").response.data))
    tables = json.loads(manager.get(f"{PAGE}/all.json?{TODAY}").response.data)["tables"]
    assert set(packed.namelist()) == {f"{name}.csv" for name in tables}


def test_a_hostile_name_is_harmless_on_the_page(manager: Colleague) -> None:
    text = manager.get(f"{PAGE}?{TODAY}").text
    assert "<b>&'" not in text
    assert "&lt;b&gt;&amp;" in text
