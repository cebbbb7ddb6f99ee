"""Documents: frozen when decided, printed later, once, and only for those whose they are."""

import threading
import uuid
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from onevisit.cases import hand_out
from onevisit.cases.errors import NotFound
from onevisit.cases.hand_out import Collector
from onevisit.cases.outbox import documents
from onevisit.cases.outbox.claims import LONGEST
from onevisit.documents import DocumentError, Press, check_certificate_number
from onevisit.store.files import Stored
from onevisit.store.session import writing
from onevisit.store.tables import Document
from scenarios.stage import APPLICANT_ID, ROOT, Stage

TEMPLATES = ROOT / "templates"
PRINTING = Press(TEMPLATES).make


def text_of(paper: Stored) -> str:
    """The text of a PDF without spaces."""
    pages = PdfReader(BytesIO(paper.read())).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Printing does not depend on the database, so one kind is enough."""
    return sqlite_url


def concluded(stage: Stage) -> uuid.UUID:
    """A case with every kind of favourable paper and one refusal."""
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    stage.approve(case_id, "food")
    stage.approve(case_id, "tobacco")
    stage.bring(case_id, "signboard")
    stage.act(case_id, "signboard", "reject", reasons="招牌遮挡消防通道。")
    assert all(row.state == "pending" for row in stage.documents(case_id))
    while make_next(stage):
        pass
    with stage.acting("window") as ctx:
        collector = Collector("演示申请人甲", APPLICANT_ID)
        hand_out.hand_out(ctx, case_id, collector, "window", stage.case(case_id).revision)
    return case_id


def receipt_of(stage: Stage, case_id: uuid.UUID) -> Document:
    """The receipt as it is now."""
    return next(row for row in stage.documents(case_id) if row.kind == "receipt")


def make_next(stage: Stage, templates: Path = TEMPLATES) -> bool:
    """One piece of a worker's work."""
    transaction = partial(writing, stage.engine)
    return documents.make_next(
        transaction, stage.files, Press(templates).make, lambda: stage.now, "node"
    )


def test_every_paper_of_a_case_can_be_printed_and_says_what_it_must(stage: Stage) -> None:
    case_id = concluded(stage)
    waiting = [row.kind for row in stage.documents(case_id) if row.state == "pending"]
    assert waiting == ["delivery"]  # nothing else was handed out before it was made
    assert make_next(stage)
    assert not make_next(stage)
    assert len(stage.documents(case_id)) == 11
    number = stage.case(case_id).number or ""
    for row in stage.documents(case_id):
        assert (row.state, row.error) == ("made", None)
        words = text_of(stage.files.stored(row.pdf_key or ""))
        assert row.title in words
        assert (row.number in words) or row.kind == "certificate"
        if row.kind != "certificate":
            assert number in words
        if row.kind == "rejection":
            assert "招牌遮挡消防通道" in words
            assert "行政复议" in words
        if row.kind == "certificate":
            check_certificate_number(row.number)
            assert "示例市演示小馆" in words


def test_two_who_print_at_once_leave_one_file(stage: Stage) -> None:
    case_id = stage.submitted()
    row = receipt_of(stage, case_id)
    barrier = threading.Barrier(2)
    keys: list[str] = []

    def run() -> None:
        barrier.wait()
        transaction = partial(writing, stage.engine)
        keys.append(documents.make(transaction, stage.files, PRINTING, row.id))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = receipt_of(stage, case_id)
    assert keys == [made.pdf_key] * 2
    pdfs = [
        p
        for p in stage.files.shelf.root.rglob("*")
        if p.is_file() and p.read_bytes()[5:8] == b"1.7"
    ]
    assert stage.files.stored(made.pdf_key or "").exists()
    assert len([p for p in pdfs if p.stat().st_size > 1000]) == 1


def test_asking_for_a_paper_prints_it_only_for_whom_it_is(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    [decision] = [row for row in stage.documents(case_id) if row.kind == "approval"]
    receipt = receipt_of(stage, case_id)
    [form] = [row for row in stage.documents(case_id) if row.kind == "application"]

    def ask(who: str, document: Document) -> Stored:
        transaction = partial(writing, stage.engine)
        actor = stage.actors[who]
        return documents.pdf(transaction, stage.files, PRINTING, actor, document.id).stored

    assert ask("applicant", receipt) == ask("clerk", receipt)
    assert ask("applicant", form) == ask("clerk", form)
    assert ask("market_regulation.handler", decision).read().startswith(b"%PDF")
    assert ask("tobacco.handler", decision).exists()  # its item needs the licence
    for who, document in (
        ("stranger", receipt),
        ("stranger", decision),
        ("tobacco.handler", receipt),
        ("tobacco.handler", form),  # it holds fields that are none of their business
        ("market_regulation.handler", form),
        ("stranger", form),
        ("fire_rescue.handler", decision),  # no item of this case is theirs
    ):
        with pytest.raises(NotFound):
            ask(who, document)


def test_a_broken_template_is_remembered_and_tried_again_later(
    stage: Stage, tmp_path: Path
) -> None:
    case_id = stage.submitted()
    transaction = partial(writing, stage.engine)
    with pytest.raises(DocumentError):
        row = receipt_of(stage, case_id)
        documents.make(transaction, stage.files, Press(tmp_path / "nowhere").make, row.id)
    assert make_next(stage)  # the application form, which was written first
    assert make_next(stage, tmp_path / "nowhere")
    waiting = receipt_of(stage, case_id)
    assert (waiting.state, waiting.attempts, waiting.claim) == ("pending", 1, None)
    assert "模板" in (waiting.error or "")
    assert not make_next(stage)  # not before its time
    stage.now += LONGEST
    assert make_next(stage)
    made = receipt_of(stage, case_id)
    assert (made.state, made.error) == ("made", None)


def test_a_lost_file_is_printed_again_byte_for_byte(stage: Stage) -> None:
    case_id = stage.submitted()
    transaction = partial(writing, stage.engine)
    row = receipt_of(stage, case_id)
    first = stage.files.stored(documents.make(transaction, stage.files, PRINTING, row.id))
    content = first.read()
    stage.files.delete(first.key)
    again = documents.make(transaction, stage.files, PRINTING, row.id)
    assert stage.files.stored(again).read() == content


def test_the_form_is_on_paper_as_it_was_handed_in_each_time(stage: Stage) -> None:
    case_id = stage.submitted()
    [form] = [row for row in stage.documents(case_id) if row.kind == "application"]
    transaction = partial(writing, stage.engine)
    words = text_of(stage.files.stored(documents.make(transaction, stage.files, PRINTING, form.id)))
    definition = stage.catalog.current("open_restaurant").definition
    asked = definition.form.for_items({row.item_id for row in stage.approvals(case_id).values()})
    for section in asked.sections:
        assert section.title in words
        for field in section.fields:
            assert field.title in words
    assert "示例市演示小馆" in words
    assert APPLICANT_ID in words
    assert "食品安全规章制度" in words and "真实意思表示" in words  # pledged
    assert "申请人声明" in words and "签名或者盖章" in words
    assert form.snapshot["form"]["reopens"] is None
    labels = {row["label"] for part in form.snapshot["form"]["sections"] for row in part["rows"]}
    assert labels == {field.title for field in asked.fields}
    others = [row for row in stage.documents(case_id) if row.kind != "application"]
    assert all(row.snapshot["form"] is None for row in others)
