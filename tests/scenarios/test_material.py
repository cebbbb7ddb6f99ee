"""Files for the material: by content and whole, and nothing is left where nothing was kept."""

import uuid

import pytest

from onevisit.access import Forbidden
from onevisit.cases import draft, material, views
from onevisit.cases.errors import Invalid, NotFound, NotPossible
from onevisit.store.files import TooLarge
from scenarios.stage import ANSWERS, PDF, Stage

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 32
OFD = b"PK\x03\x04" + b"\0" * 26 + b"OFD.xml" + b"0" * 64


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Files do not depend on the kind of database."""
    return sqlite_url


@pytest.fixture
def case_id(stage: Stage) -> uuid.UUID:
    """A draft without files."""
    with stage.acting("applicant") as ctx:
        return draft.start(ctx, "open_restaurant", ANSWERS).id


def on_disk(stage: Stage) -> int:
    """How many files there are."""
    return sum(path.is_file() for path in stage.files.shelf.root.rglob("*"))


@pytest.mark.parametrize(
    ("content", "content_type", "name"),
    [
        (PDF, "application/pdf", "平面图.pdf"),
        (PNG, "image/png", "平面图.pdf.png"),
        (JPEG, "image/jpeg", "平面图.pdf.jpg"),
        (OFD, "application/ofd", "平面图.pdf.ofd"),
    ],
)
def test_the_content_says_what_a_file_is(
    stage: Stage, case_id: uuid.UUID, content: bytes, content_type: str, name: str
) -> None:
    pieces = [content[:3], content[3:5], content[5:]]  # as a slow connection sends them
    with stage.acting("applicant") as ctx:
        upload = material.attach(ctx, case_id, "floor_plan", "C:\\图\\平面\n图.pdf", pieces)
        row, stored = material.upload_file(ctx, upload.id)
    assert stored.read() == content
    assert (row.content_type, row.size) == (content_type, len(content))
    assert row.filename == name


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "空的"), (b"MZ\x90 program", "只能上传"), (b"PK\x03\x04zip", "只能")],
)
def test_a_wrong_kind_is_refused_and_leaves_nothing(
    stage: Stage, case_id: uuid.UUID, content: bytes, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused, stage.acting("applicant") as ctx:
        material.attach(ctx, case_id, "floor_plan", "平面图.pdf", [content])
    assert refused.value.errors[0].path == "material.floor_plan"
    assert on_disk(stage) == 0


def test_the_same_file_twice_stays_one(stage: Stage, case_id: uuid.UUID) -> None:
    kept = []
    for content, target in ((PDF, "floor_plan"), (PDF, "floor_plan"), (PDF, "sign_design"),
                            (PDF + b"2", "floor_plan")):  # fmt: skip
        with stage.acting("applicant") as ctx:
            kept.append(material.attach(ctx, case_id, target, "平面图.pdf", [content]).id)
    assert kept[0] == kept[1]
    assert len(set(kept)) == on_disk(stage) == 3


def test_too_large_and_cut_off_leave_nothing(stage: Stage, case_id: uuid.UUID) -> None:
    with pytest.raises(TooLarge), stage.acting("applicant") as ctx:
        material.attach(ctx, case_id, "floor_plan", "大.pdf", [PDF, b"0" * 100], limit=50)

    def cut() -> object:
        yield PDF * 400
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError), stage.acting("applicant") as ctx:
        material.attach(ctx, case_id, "floor_plan", "断.pdf", cut())  # type: ignore[arg-type]
    assert on_disk(stage) == 0


def test_only_what_is_asked_only_so_many_and_only_ones_own(
    stage: Stage, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("licence_copy", "emission_note", "nothing"):
        with pytest.raises(Invalid, match="不需要您提交"), stage.acting("applicant") as ctx:
            material.attach(ctx, case_id, name, "x.pdf", [PDF])
    with pytest.raises(Forbidden), stage.acting("stranger") as ctx:
        material.attach(ctx, case_id, "floor_plan", "x.pdf", [PDF])
    monkeypatch.setattr(material, "MAX_FILES", 1)
    with stage.acting("applicant") as ctx:
        material.attach(ctx, case_id, "floor_plan", "x.pdf", [PDF])
    with pytest.raises(Invalid, match="最多"), stage.acting("applicant") as ctx:
        material.attach(ctx, case_id, "floor_plan", "y.pdf", [PDF])


def test_removing_keeps_the_trace_and_ends_with_the_submission(stage: Stage) -> None:
    case_id = stage.drafted()
    with stage.acting("applicant") as ctx:
        extra = material.attach(ctx, case_id, "floor_plan", "多.pdf", [PDF]).id
    with stage.acting("applicant") as ctx:
        assert material.remove(ctx, extra).removed_at == stage.now
    with pytest.raises(NotFound), stage.acting("applicant") as ctx:
        material.remove(ctx, extra)
    with stage.looking("applicant") as ctx:
        assert material.upload_file(ctx, extra)[1].exists()
    submitted = stage.submitted()
    with pytest.raises(NotPossible), stage.acting("applicant") as ctx:
        material.attach(ctx, submitted, "floor_plan", "晚.pdf", [PDF])


def test_a_file_is_seen_by_those_who_need_it(stage: Stage) -> None:
    case_id = stage.accepted()
    with stage.looking("clerk") as ctx:
        rows = {
            row.id: row.uploads[0].id
            for row in views.desk_case(ctx, case_id).materials
            if row.uploads
        }
    for who, name, seen in (
        ("applicant", "sign_design", True),
        ("clerk", "sign_design", True),
        ("urban_management.handler", "sign_design", True),
        ("urban_management.handler", "food_manager", False),
        ("tobacco.handler", "sign_design", False),
        ("stranger", "sign_design", False),
    ):
        with stage.looking(who) as ctx:
            if seen:
                assert material.upload_file(ctx, rows[name])[1].exists()
            else:
                with pytest.raises(NotFound):
                    material.upload_file(ctx, rows[name])
