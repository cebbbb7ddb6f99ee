"""许可法第七十八条、第七十九条: false material or fraud bars from applying again for one or three
years; the last day belongs to the bar, the reason and the day are told."""

from datetime import date

import pytest

from onevisit.cases import submit, views
from onevisit.cases.afterwards import bars
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid
from onevisit.store.tables import Account
from scenarios.law.intake import at_moment, local
from scenarios.stage import APPLICANT_ID, Stage

FALSE = "提供虚假的健康证明"
BASIS = "行政许可法第七十八条、第七十九条"


def barred(stage: Stage, moment: str, years: int | None, scope: str = "item") -> date:
    """A bar that a decider sets at this moment, on the food item; its last day."""
    case_id = stage.accepted()
    with at_moment(stage, "market_regulation.decider", moment) as ctx:
        row = bars.bar(ctx, load(ctx, case_id), "food", years, FALSE, BASIS, scope)
        return row.until


def applied(stage: Stage, moment: str) -> None:
    """The applicant hands in once more at this moment."""
    stage.now = local(moment)
    case_id = stage.drafted()
    with at_moment(stage, "applicant", moment) as ctx:
        submit.submit(ctx, case_id, "window", load(ctx, case_id).case.revision)


@pytest.mark.parametrize(
    ("years", "until", "allowed"),
    [
        (1, "2027-11-27", "2027-11-28 00:00"),
        (3, "2029-11-27", "2029-11-28 00:00"),
    ],
)
def test_78_79_refused_with_reason_and_day_until_the_last_day_is_over(
    stage: Stage, years: int, until: str, allowed: str
) -> None:
    assert barred(stage, "2026-11-27 10:00", years) == date.fromisoformat(until)
    year, month, day = (int(each) for each in until.split("-"))
    told = f"在{year}年{month}月{day}日以前不能再次申请“食品经营许可（新办）”：{FALSE}（{BASIS}）"
    with pytest.raises(Invalid) as caught:
        applied(stage, f"{until} 23:59")
    assert told in [each.message for each in caught.value.errors]
    applied(stage, allowed)


def test_78_a_bar_of_leap_day_ends_with_the_month(stage: Stage) -> None:
    assert barred(stage, "2028-02-29 10:00", 1) == date(2029, 2, 28)


def test_79_it_is_told_before_anybody_presses_submit(stage: Stage) -> None:
    barred(stage, "2026-11-27 10:00", 3)
    case_id = stage.drafted()
    with stage.looking("applicant") as ctx:
        problems = views.draft_view(ctx, case_id).problems
    assert any("在2029年11月27日以前不能再次申请" in each.message for each in problems)


def test_79_a_second_account_of_the_same_person_does_not_help(stage: Stage) -> None:
    barred(stage, "2026-11-27 10:00", 3)
    case_id = stage.drafted()
    with stage.acting("stranger") as ctx:
        other = ctx.session.get_one(Account, stage.actors["stranger"].id)
        dossier = load(ctx, case_id)
        dossier.case.applicant_id = other.id
        ctx.session.flush()
        assert bars.barred(ctx, load(ctx, case_id)) == []  # somebody else
        other.id_number = APPLICANT_ID
        ctx.session.flush()
        with pytest.raises(Invalid, match="不能再次申请"):
            bars.check_not_barred(ctx, load(ctx, case_id))


def test_zhejiang_14_who_broke_a_pledge_still_applies_the_ordinary_way(stage: Stage) -> None:
    assert barred(stage, "2026-11-27 10:00", None, "pledge") == bars.UNTIL_REPAIRED
    applied(stage, "2026-12-01 10:00")  # none of the items is pledged
