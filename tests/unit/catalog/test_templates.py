"""A value that is missing on paper is an error at publish, whichever paper and whichever case."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from onevisit.catalog.certificate_samples import certificate_variants
from onevisit.catalog.folder import Folder, load_folder
from onevisit.catalog.published import Published
from onevisit.catalog.templates import notices_of, with_templates_tried
from onevisit.documents import shelf
from onevisit.documents.variants import GIVEN, MAY_LACK, STYLES, notice_variants, without

ROOT = Path(__file__).parents[3]
SERVICES = load_folder(ROOT)
TWO = Folder(
    tuple(e for e in SERVICES.services if e.definition.workflow.id in ("newborn", "hold_event")), ()
)


def without_samples(service: Published) -> Published:
    """The service with nothing to look at first: each sample takes a third of a second to lay out,
    after each change of any template."""
    workflow = service.definition.workflow
    bare = tuple(each.model_copy(update={"sample": None}) for each in workflow.materials)
    workflow = workflow.model_copy(update={"materials": bare})
    return replace(service, definition=replace(service.definition, workflow=workflow))


SOME = Folder(tuple(without_samples(each) for each in TWO.services), ())


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the shipped templates that a test may spoil."""
    for place in shelf.FOLDERS:
        shutil.copytree(ROOT / "templates" / place, tmp_path / place)
    return tmp_path


@pytest.fixture
def edit(templates: Path) -> Callable[[str, str, str], None]:
    """Replaces a passage of a template."""

    def replace(name: str, old: str, new: str) -> None:
        path = templates / f"{name}.html"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def refused(templates: Path, services: Folder = SOME) -> dict[str, list[str]]:
    """What is said of each refused service."""
    tried = with_templates_tried(services, templates)
    return {
        Path(each.path).stem: [problem.message() for problem in each.problems]
        for each in tried.refused
    }


def test_all_shipped_services_have_all_their_papers(templates: Path) -> None:
    assert SERVICES.refused == ()
    assert refused(templates, SERVICES) == {}


MISSING = [
    ("notices/receipt", "{{ parts.summary(case, applicant) }}", "{{ applicant.nickname }}",
     "applicant.nickname"),
    ("notices/receipt", "{{ parts.summary(case, applicant) }}", "{{ applicant.agent.name }}",
     "applicant.agent"),
    ("notices/receipt", "{% if materials %}", "{% if true %}", "materials"),
    ("notices/acceptance", "{% if case.promise_due %}", "{% if true %}", "case.promise_due"),
    ("notices/application", "{% if form.pickup %}", "{% if true %}", "form.pickup"),
    ("notices/approval", '{{ parts.sentence(decision.reasons or "符合法定条件、标准") }}',
     "{{ decision.reasons }}", "decision.reasons"),
    ("notices/delivery", '{% if collector.method == "窗口领取" %}{{', "{% if true %}{{",
     "collector.id_number"),
    ("notices/_letter", "{% if letter.remedies %}", "{% if true %}", "letter.remedies"),
    ("notices/_parts", "{{ place.phone }}", "{{ place.fax }}", "fax"),
    ("notices/renewal_receipt", "申请已经收到。", "{{ due }}", "due"),
    ("notices/certificate_cancellation", "{% block about %}", "{% block about %}{{ due }}", "due"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "missing"), MISSING)
def test_a_notice_that_could_meet_a_missing_value_refuses_every_service(
    edit: Callable[..., None], templates: Path, name: str, old: str, new: str, missing: str
) -> None:
    edit(name, old, new)
    found = refused(templates)
    assert set(found) == {"newborn", "hold_event"}
    assert all(any(missing in message for message in messages) for messages in found.values())
    assert all("样例：" in message for messages in found.values() for message in messages)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ certificate.fields[3].value }}", "certificate.fields"),
        ("{% for f in certificate.fields | required %}{{ f.label }}{% endfor %}", "fields"),
        ("{{ certificate.valid_until | cn_date }}", "certificate.valid_until"),
        ("{% include 'notices/_gone.html' %}", "notices/_gone"),
        ('<img src="gone.png">{{ title }}', "gone.png"),
        ("{{ 'a' * 10**9 }}", "太长"),
        ("{% if %}", "第1行"),
    ],
)
def test_a_certificate_that_cannot_be_printed_refuses_the_service_at_its_line(
    templates: Path, text: str, reason: str
) -> None:
    (templates / "certificates/_certificate.html").write_text(text, encoding="utf-8")
    found = refused(templates)
    assert "newborn" in found
    assert any(reason in message for message in found["newborn"])
    tried = with_templates_tried(SOME, templates)
    places = {(problem.path, problem.line) for each in tried.refused for problem in each.problems}
    assert all(path.startswith("workflows/") and line > 1 for path, line in places)


def items(workflow_id: str):  # type: ignore[no-untyped-def]  # pairs for certificate_variants
    """The items of a service with a certificate."""
    [definition] = [
        each.definition for each in SERVICES.services if each.definition.workflow.id == workflow_id
    ]
    return [(definition, item) for item in definition.workflow.items if item.result is not None]


def test_a_certificate_is_tried_with_the_fields_that_its_service_declares() -> None:
    for workflow_id in ("newborn", "hold_event"):
        for definition, item in items(workflow_id):
            full, needed, longest, none = certificate_variants(definition, item)
            assert len(full.snapshot["certificate"]["fields"]) == len(item.result.fields) - 1
            assert len(needed.snapshot["certificate"]["fields"]) <= len(item.result.fields)
            assert none.snapshot["certificate"]["fields"] == []
            assert len(str(longest.snapshot)) >= len(str(full.snapshot))
            assert full.snapshot["authority"]["title"].startswith("示例市")
            texts = str(full.snapshot["certificate"]["fields"])
            assert "{'" not in texts.replace("[{'label'", "").replace(", {'label'", "")


def test_every_notice_of_a_lifecycle_is_tried_and_every_template_is_of_some_use() -> None:
    [lifecycle] = {each.definition.lifecycle.id: each.definition.lifecycle
                   for each in SERVICES.services}.values()  # fmt: skip
    shipped = {
        name.partition("/")[2]
        for name in shelf.names(ROOT / "templates")
        if name.startswith("notices/") and shelf.is_document(name)
    }
    assert set(notices_of(lifecycle)) == shipped
    assert set(STYLES) <= shipped
    assert set(GIVEN) - {"certificate"} <= shipped
    assert {path for given in GIVEN.values() for path in given} <= set(MAY_LACK) | {
        "letter.facts", "letter.paragraphs"
    }  # fmt: skip


def test_what_may_be_missing_is_left_out_one_by_one_and_all_at_once() -> None:
    variants = {each.title: each.snapshot for each in notice_variants("receipt", "收件回执")}
    bare = variants["可以没有的都没有"]
    assert bare["materials"] == [] and bare["applicant"]["agent"] is None
    assert bare["due"] == "2026-11-28"  # a receipt always says by when
    assert variants["没有 materials[].note"]["materials"][0]["note"] == ""
    assert variants["没有 case.promise_due"]["case"]["promise_due"] == ""
    assert len(variants["内容很长、行数很多"]["materials"]) > 50
    assert without(bare, "decision.reasons") == bare  # nothing to leave out any more


def test_a_sample_that_is_not_there_is_named_with_its_line(templates: Path) -> None:
    (templates / "samples/site_plan.html").unlink()
    [refusal] = with_templates_tried(TWO, templates).refused
    [problem] = refusal.problems
    assert refusal.path == "workflows/hold_event.yaml"
    assert "samples/site_plan" in problem.message()
    assert "site_plan" in refusal.line(problem)


def test_every_sample_is_of_some_material() -> None:
    named = {each.sample for s in SERVICES.services for each in s.definition.workflow.materials}
    shipped = {
        name.partition("/")[2]
        for name in shelf.names(ROOT / "templates")
        if name.startswith("samples/") and shelf.is_document(name)
    }
    assert named - {None} == shipped


def test_an_empty_folder_has_nothing_to_try(tmp_path: Path) -> None:
    assert with_templates_tried(Folder((), ()), tmp_path) == Folder((), ())
