"""Why clocks start, stand and end as they do, and the other last days beside them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from onevisit.cases import correct
from onevisit.cases.dossier import load
from onevisit.cases.views import clock_words
from onevisit.cases.views.clock import ClockLine, Explanation, explain
from onevisit.store.session import writing
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Certificate, Hearing, PledgeCheck
from scenarios.stage import OPENING, Stage, findings


def explained(stage: Stage, case_id: object) -> Explanation:
    """Everything about time in the case, as a clerk sees it."""
    with stage.looking("clerk") as ctx:
        return explain(ctx, load(ctx, case_id))  # type: ignore[arg-type]  # a case's id


def promise(found: Explanation, region: str) -> ClockLine:
    """The promise of a region that runs."""
    line = next(each.promise for each in found.regions if each.region == region)
    assert line is not None
    return line


def test_clocks_say_why_they_start(stage: Stage) -> None:
    case_id = stage.accepted()
    found = explained(stage, case_id)
    assert promise(found, "case").because == "accepted"
    assert promise(found, "food").because == "together"
    waiting = next(each for each in found.regions if each.region == "tobacco")
    assert waiting.lines == ()
    assert waiting.waits == ("营业执照信息核验",)
    stage.later(1)
    stage.approve(case_id, "licence")
    tobacco = promise(explained(stage, case_id), "tobacco")
    assert (tobacco.because, tobacco.start) == ("after", date(2026, 11, 24))
    assert "前置事项办结之日" in clock_words.because(tobacco)


def test_acceptance_by_law_counts_from_the_day_of_receipt(stage: Stage) -> None:
    """许可法第三十二条第一款第四项: five working days from 23 November end on the 30th."""
    case_id = stage.submitted()
    stage.now = datetime(2026, 12, 1, 1, tzinfo=UTC)
    assert stage.sweep() == 1
    found = explained(stage, case_id)
    whole = promise(found, "case")
    assert (whole.because, whole.start) == ("deemed", date(2026, 11, 23))
    assert "许可法第三十二条" in clock_words.because(whole)
    assert "许可法第三十二条" in clock_words.because(whole, "en")
    answered = next(each for each in found.deadlines if each.title == "受理或者一次告知补正")
    assert answered.due == date(2026, 11, 30)
    assert answered.late(date(2026, 12, 1))


@pytest.mark.parametrize(
    ("days", "standing", "zh", "en"),
    [
        (0, "running", "正在计时，已用0个工作日，还剩1个工作日", "0 working days used"),
        (1, "running", "正在计时，已用1个工作日，还剩0个工作日", "1 working days used"),
        (2, "late", "已超过", "past"),
    ],
)
def test_a_clock_says_where_it_stands(
    stage: Stage, days: int, standing: str, zh: str, en: str
) -> None:
    case_id = stage.accepted()
    stage.later(days)
    line = promise(explained(stage, case_id), "licence")
    assert line.standing == standing
    assert clock_words.standing(line) == zh
    assert en in clock_words.standing(line, "en")


def test_a_decided_clock_says_how_much_it_took(stage: Stage) -> None:
    case_id = stage.accepted()
    stage.later(1)
    stage.approve(case_id, "licence")
    stage.later(10)
    line = promise(explained(stage, case_id), "licence")
    assert clock_words.standing(line) == "已决定，不再计时，用了1个工作日"


def test_a_correction_shows_both_sides_days(stage: Stage) -> None:
    """To tell until 30 November; to answer, ten working days, until 7 December."""
    case_id = stage.submitted()
    with stage.acting("clerk") as ctx:
        revision = stage.case(case_id).revision
        correct.request(ctx, case_id, findings(floor_plan="missing"), [], revision)
    found = explained(stage, case_id).deadlines
    assert [(each.title, each.due, each.done) for each in found] == [
        ("受理或者一次告知补正", date(2026, 11, 30), date(2026, 11, 23)),
        ("申请人补正", date(2026, 12, 7), None),
    ]
    assert all(each.basis for each in found)


def test_every_kind_of_deadline_is_listed_with_its_article(stage: Stage) -> None:
    case_id = stage.accepted(findings(health_certificates="deferred"))
    with writing(stage.engine) as session:
        food = stage.approvals(case_id)["food"]
        assert stage.actors["clerk"].id
        paper = Document(
            case_id=case_id, region="food", kind="certificate", title="食品经营许可证",
            template="x", number="演示号", snapshot={}, created_at=OPENING,
        )  # fmt: skip
        session.add(paper)
        session.flush()
        session.add_all(
            [
                Hearing(
                    case_id=case_id, region="food", interests="重大利益", told_at=OPENING,
                    told_by=stage.actors["clerk"].id, ask_by=date(2026, 11, 30),
                    asked_at=OPENING + timedelta(days=1), hold_by=date(2026, 12, 22),
                ),
                PledgeCheck(
                    case_id=case_id, region="food", due=date(2027, 2, 15),
                    state="broken", mend_by=date(2027, 3, 1),
                ),
                Certificate(
                    case_id=case_id, document_id=paper.id, region="food", item_id="food",
                    department=food.department, holder_id=stage.case(case_id).applicant_id,
                    number="演示号", title="食品经营许可证", state="valid",
                    valid_from=date(2026, 11, 24), valid_until=date(2031, 11, 23),
                ),
            ]
        )  # fmt: skip
    found = explained(stage, case_id).deadlines
    titles = [each.title for each in found]
    for title in (
        "提出听证要求", "举行听证", "告知承诺核查", "限期整改", "补交容缺材料",
        "食品经营许可证有效期届满",
    ):  # fmt: skip
        assert any(title in each for each in titles), title
    assert [each.due for each in found] == sorted(each.due for each in found)
    assert all(each.basis for each in found)
    with stage.looking("clerk") as ctx:
        own = explain(ctx, load(ctx, case_id), ("signboard",))
    assert own.deadlines == ()  # another item's are not its department's business
