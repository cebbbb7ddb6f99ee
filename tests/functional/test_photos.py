"""Photos of material over HTTP: one PDF of them, put in order, and nothing lost by a wrong one."""

from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from functional.city import CHECKED, PDF, City
from functional.test_uploads import drafted, kept
from onevisit.documents import scan
from onevisit.store.evidence import verify_ledger
from onevisit.store.session import reading
from onevisit.store.tables import Upload

HEIC = b"\x00\x00\x00\x18ftypheic fictional"
Files = list[tuple[str, tuple[str, bytes, str]]]


def photo(colour: str, size: tuple[int, int] = (300, 200)) -> bytes:
    """A fictional photo of one colour."""
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG")
    return stream.getvalue()


def files(*contents: tuple[str, bytes]) -> Files:
    """Several files of one form field."""
    return [("file", (name, content, "image/jpeg")) for name, content in contents]


def live(city: City) -> list[Upload]:
    """The files that are not removed."""
    return [row for row in kept(city) if row.removed_at is None]


def names(city: City, row: Upload) -> list[str]:
    """Which photos the pages of a file were, in order."""
    with city.acting("applicant") as ctx:
        pdf = ctx.files.stored(row.storage_key).read()
    return [page.name for page in scan.pages_in(pdf)]


@pytest.fixture
def case_id(city: City) -> UUID:
    """An empty draft."""
    return drafted(city)


def test_photos_of_a_material_become_one_pdf_that_grows(city: City, case_id: UUID) -> None:
    client, address = city.client("applicant"), f"/my/{case_id}/materials/floor_plan"
    page = client.post(address, files=files(("一.jpg", photo("red")), ("二.jpg", photo("blue"))))
    assert page.status_code == 200 and "2 页" in page.text
    (row,) = live(city)
    assert (row.filename, row.content_type) == ("场所平面图.pdf", "application/pdf")
    page = client.post(address, files=files(("三.jpg", photo("green"))))
    assert "3 页" in page.text
    (row,) = live(city)
    assert names(city, row) == ["一.jpg", "二.jpg", "三.jpg"]
    client.post(address, files=files(("三.jpg", photo("green"))))  # the button pressed twice
    assert [each.id for each in live(city)] == [row.id]


def test_pages_are_put_in_order_and_taken_out(city: City, case_id: UUID) -> None:
    client = city.client("applicant")
    three = files(("一.jpg", photo("red")), ("二.jpg", photo("blue")), ("三.jpg", photo("green")))
    client.post(f"/my/{case_id}/materials/floor_plan", files=three)

    def press(what: str) -> str:
        (row,) = live(city)
        text: str = client.post(f"/my/{case_id}/uploads/{row.id}/pages", data={"page": what}).text
        return text

    assert "3 页" in press("up:3")
    assert names(city, live(city)[0]) == ["一.jpg", "三.jpg", "二.jpg"]
    press("down:1")
    assert names(city, live(city)[0]) == ["三.jpg", "一.jpg", "二.jpg"]
    press("remove:1")
    assert names(city, live(city)[0]) == ["一.jpg", "二.jpg"]
    press("remove:1")
    assert "还没有" not in press("remove:1") and live(city) == []


def test_a_page_that_is_out_of_date_shows_what_is_there_now(city: City, case_id: UUID) -> None:
    client = city.client("applicant")
    client.post(
        f"/my/{case_id}/materials/floor_plan",
        files=files(("一.jpg", photo("red")), ("二.jpg", photo("blue"))),
    )
    (row,) = live(city)
    address = f"/my/{case_id}/uploads/{row.id}/pages"
    client.post(address, data={"page": "remove:1"})
    page = client.post(address, data={"page": "remove:1"})  # pressed on the old page again
    assert page.status_code == 200 and "刚才已经改过" in page.text
    assert names(city, live(city)[0]) == ["二.jpg"]
    address = f"/my/{case_id}/uploads/{live(city)[0].id}/pages"
    assert client.post(address, data={"page": "burn:1"}).status_code == 422


def test_a_wrong_photo_takes_no_other_with_it(city: City, case_id: UUID) -> None:
    client, address = city.client("applicant"), f"/my/{case_id}/materials/floor_plan"
    page = client.post(
        address,
        files=files(
            ("好.jpg", photo("red")),
            ("苹果.heic", HEIC),
            ("断.jpg", photo("blue")[:200]),
            ("图.pdf", PDF),
            ("程序.exe", b"MZ program"),
        ),
    )
    assert page.status_code == 422
    assert "“苹果.heic”没有保存" in page.text and "兼容性最佳" in page.text
    assert "“断.jpg”没有保存" in page.text and "只能上传" in page.text
    assert sorted(row.filename for row in live(city)) == ["图.pdf", "场所平面图.pdf"]


def test_photos_and_thumbnails_are_shown_only_to_whom_the_file_is(
    city: City, case_id: UUID
) -> None:
    client = city.client("applicant")
    client.post(f"/my/{case_id}/materials/floor_plan", files=files(("一.jpg", photo("red"))))
    (row,) = live(city)
    answer = client.get(f"/files/{row.id}/pages/1?small=1")
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(BytesIO(answer.content)) as image:
        assert image.width == 180
    assert client.get(f"/files/{row.id}/pages/2").status_code == 404
    assert city.client("admin").get(f"/files/{row.id}/pages/1").status_code == 404
    pages = f"/my/{case_id}/uploads/{row.id}/pages"
    assert city.client("applicant2").get(pages).status_code == 403
    stolen = city.client("applicant2").post(pages, data={"page": "remove:1"})
    assert stolen.status_code in (403, 404) and len(live(city)) == 1


def test_photos_in_a_correction_are_new_files_and_in_the_ledger(city: City) -> None:
    case_id = city.submitted()
    before = {row.id for row in kept(city)}
    data = {"revision": str(city.case(case_id).revision), **CHECKED}
    data |= {
        "material.floor_plan.status": "unfit",
        "material.floor_plan.note": "看不清",
        "material.floor_plan.how": "重新拍照",
    }
    assert city.client("clerk").post(f"/desk/{case_id}/correct", data=data).status_code == 200
    client, address = city.client("applicant"), f"/my/{case_id}/materials/floor_plan"
    for name, colour in (("一.jpg", "red"), ("二.jpg", "blue")):
        assert client.post(address, files=files((name, photo(colour)))).status_code == 200
    new = [row for row in live(city) if row.id not in before]
    assert [names(city, row) for row in new] == [["一.jpg", "二.jpg"]]
    assert before <= {row.id for row in live(city)}
    with reading(city.engine) as session:
        assert verify_ledger(session, case_id) == []
