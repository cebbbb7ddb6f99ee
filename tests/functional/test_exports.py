"""Lists taken along as spreadsheets: the same rows, dates that count, and nothing that acts."""

from datetime import date, datetime
from io import BytesIO
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import update
from sqlmodel import col

from functional.city import City
from onevisit.documents.format import mask_name
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case
from onevisit.web import exports
from onevisit.web.spreadsheet import MEDIA_TYPE


def taken(city: City, who: str, address: str) -> tuple[Worksheet, dict[str, str]]:
    """The first sheet, and what the second says about it."""
    answer = city.client(who).get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    book = load_workbook(BytesIO(answer.content))
    sheet, about = book.worksheets
    assert about.title == "说明"
    return sheet, {str(row[0].value): str(row[1].value) for row in about.iter_rows()}


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    head, *lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(map(str, head), line, strict=True)) for line in lines]


def test_the_desk_takes_its_queue_along(city: City) -> None:
    case_id = city.submitted()
    with reading(city.engine) as session:
        case = session.get_one(Case, case_id)
    sheet, about = taken(city, "clerk", "/exports/desk?tab=waiting")
    [row] = rows(sheet)
    assert row["办件编号"] == case.number
    assert row["申请人"] == "演*****", "a spreadsheet that lies about names nobody in full"
    assert isinstance(row["等候自"], datetime)
    assert isinstance(row["受理期限"], datetime)  # a day, as a spreadsheet holds it
    assert row["受理期限"].time() == datetime.min.time()
    assert about["表格"] == "综合受理 待受理"
    assert about["导出人"] == "演示综窗员"
    assert about["行数"] == "1，全部"
    assert rows(taken(city, "clerk", "/exports/desk?tab=closed")[0]) == []


def test_days_are_numbers_with_the_chinese_form(city: City) -> None:
    city.submitted()
    sheet, _ = taken(city, "clerk", "/exports/desk")
    cell = sheet["A2"]
    assert cell.is_date
    assert cell.number_format == 'yyyy"年"m"月"d"日"'
    assert cell.value.date() > date(2026, 1, 1)


def test_an_officer_takes_only_what_the_inbox_shows(city: City) -> None:
    city.accepted()
    food, _ = taken(city, "market_regulation.handler", "/exports/office?tab=department")
    smoke, _ = taken(city, "tobacco.handler", "/exports/office?tab=department")
    titles = [{str(row["事项"]) for row in rows(sheet)} for sheet in (food, smoke)]
    assert all(titles)
    assert titles[0] & titles[1] == set()


def test_the_window_and_the_applicant_and_supervisors_take_theirs(city: City) -> None:
    case_id = city.ready()
    number = city.case(case_id).number
    assert [row["办件编号"] for row in rows(taken(city, "window", "/exports/window")[0])] == [
        number
    ]
    assert [row["办件编号"] for row in rows(taken(city, "applicant", "/exports/my")[0])] == [number]
    assert rows(taken(city, "applicant2", "/exports/my")[0]) == []
    assert rows(taken(city, "supervisor", "/exports/watch?kind=red")[0]) == []


@pytest.mark.parametrize("name", ['=HYPERLINK("http://example.invalid")', "+1+1", "-2", "@SUM(A1)"])
def test_a_name_that_looks_like_a_formula_stays_text(city: City, name: str) -> None:
    city.submitted()
    with writing(city.engine) as session:
        renamed = update(Account).where(col(Account.username) == "applicant").values(name=name)
        session.connection().execute(renamed)
    sheet, _ = taken(city, "clerk", "/exports/desk")
    [cell] = [cell for cell in sheet[2] if cell.value == mask_name(name)]
    assert str(cell.value)[0] in "=+-@"
    assert cell.data_type == "s"  # text, not f: a formula
    assert cell.quotePrefix  # and text it stays, when somebody edits it


def test_a_list_that_is_cut_says_so(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.submitted()
    city._submit()  # a second one beside the one that is kept
    monkeypatch.setattr(exports, "AT_MOST", 1)
    sheet, about = taken(city, "clerk", "/exports/desk")
    assert sheet.max_row == 3  # the heads, one case, and the sentence
    assert str(sheet["A3"].value).startswith("只导出了前")
    assert "只导出了前" in about["行数"]


def test_the_file_is_named_after_the_list(city: City) -> None:
    answer = city.client("clerk").get("/exports/desk?tab=closed")
    assert "综合受理-已结-2026" in unquote(answer.headers["content-disposition"])


def test_the_link_keeps_what_the_list_was_narrowed_to(city: City) -> None:
    city.submitted()
    page = city.client("clerk").get("/desk?tab=running&q=演示&after=").text
    assert 'href="/exports/desk?tab=running&amp;q=%E6%BC%94%E7%A4%BA"' in page
    assert "/exports/" not in city.client("clerk").get("/messages").text
