"""On both databases: known data disputed, an agent sent away, ratings, and drafts that end."""

from functools import partial
from uuid import UUID

import pytest
from sqlmodel import col, select

from onevisit.access import Forbidden
from onevisit.cases import authorise, discard, dispute, draft, rating, submit, views, withdraw
from onevisit.cases.dispute import Answer
from onevisit.cases.shared_import import import_records
from onevisit.cases.views.agencies import agencies
from onevisit.cases.views.drafts import my_drafts
from onevisit.cases.views.ratings import bad_ratings
from onevisit.cases.views.todo import todo
from onevisit.store.citizen_tables import Rating, RatingSkip, SharedRead
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case, Upload
from scenarios.stage import AGENT_ID, ANSWERS, APPLICANT_ID, WORKFLOW, Stage

USCC = "91990000MA0000001B"


def known(stage: Stage, as_of: str = "2026-01-08") -> None:
    """The register of businesses knows the applicant's restaurant."""
    directory = stage.catalog.current(WORKFLOW).definition.directory
    source = next(each for each in directory.sources if each.id == "business_register")
    lines = (
        "holder,as_of,person,operator_name,uscc",
        f"{USCC},{as_of},{APPLICANT_ID},示例市演示小馆,{USCC}",
    )
    with writing(stage.engine) as session:
        import_records(session, source, lines, stage.now)


def withdrawn(stage: Stage) -> UUID:
    """A case that has come to an end."""
    case_id = stage.submitted()
    with stage.acting("applicant") as ctx:
        withdraw.withdraw(ctx, case_id, "演示", stage.case(case_id).revision)
    return case_id


def authorised(stage: Stage) -> UUID:
    """The stranger may apply for the applicant for ten days."""
    with writing(stage.engine) as session:
        agent = session.exec(select(Account).where(Account.username == "stranger")).one()
        agent.id_number = AGENT_ID
    with stage.acting("applicant") as ctx:
        until = ctx.today.replace(day=ctx.today.day + 1)
        row = authorise.offer(ctx, AGENT_ID, agent.name, [WORKFLOW], until)
        code, authorisation_id = row.code or "", row.id
    with stage.acting("stranger") as ctx:
        assert authorise.take_on(ctx, code) is not None
    return authorisation_id


def test_disputed_data_is_sealed_with_the_application(stage: Stage) -> None:
    known(stage)
    case_id = stage.drafted()
    said = {
        ("field", "operator_name"): Answer("confirmed"),
        ("field", "uscc"): Answer("disputed", "91990000MA0000002X", "登记有误"),
    }
    with stage.acting("applicant") as ctx, pytest.raises(Exception, match="格式不对"):
        dispute.answer(ctx, case_id, said, stage.case(case_id).revision)
    said["field", "uscc"] = Answer("confirmed")
    said["field", "operator_name"] = Answer("disputed", "示例市演示饭馆", "已更名")
    with stage.acting("applicant") as ctx:
        dispute.answer(ctx, case_id, said, stage.case(case_id).revision)
        submit.submit(ctx, case_id, "window", stage.case(case_id).revision + 1)
    assert stage.case(case_id).form["operator_name"] == "示例市演示饭馆"
    assert stage.problems(case_id) == []
    with stage.looking("clerk") as ctx:
        told = views.desk_case(ctx, case_id).disputes
        assert [(each.said, each.text, each.why) for each in told] == [
            ("示例市演示饭馆", "示例市演示小馆", "已更名")
        ]
        found = {row.source: row.found for row in ctx.session.exec(select(SharedRead))}
    assert found == {"business_register": True, "population": False}


def test_newer_lists_replace_and_older_ones_do_not(stage: Stage) -> None:
    known(stage, "2026-01-08")
    known(stage, "2026-01-07")
    with stage.acting("applicant") as ctx:
        case_id = draft.start(ctx, WORKFLOW, ANSWERS).id
    with stage.looking("applicant") as ctx:
        facts = views.draft_view(ctx, case_id).facts
    assert {str(each.as_of) for each in facts} == {"2026-01-08"}


def test_an_agent_acts_until_the_authorisation_is_taken_back(stage: Stage) -> None:
    authorisation_id = authorised(stage)
    with stage.acting("stranger") as ctx:
        case = draft.start(ctx, WORKFLOW, ANSWERS, authorisation_id=authorisation_id)
        assert draft.start(ctx, WORKFLOW, ANSWERS, authorisation_id=authorisation_id) is case
        assert case.applicant_id == stage.actors["applicant"].id
        with pytest.raises(Forbidden, match="不包括这项服务"):
            authorise.usable(ctx, authorisation_id, "newborn")
    with stage.looking("stranger") as ctx:
        assert views.my_cases(ctx).rows[0].whose == "替演示申请人甲办"
        assert my_drafts(ctx).rows[0].whose == "替演示申请人甲办"
        assert [row.state_title for row in agencies(ctx).held] == ["有效"]
    with stage.acting("applicant") as ctx:
        authorise.end(ctx, authorisation_id)
    with stage.looking("stranger") as ctx:
        assert views.my_cases(ctx).rows == ()
    with stage.acting("stranger") as ctx, pytest.raises(Forbidden):
        authorise.usable(ctx, authorisation_id, WORKFLOW)


def test_an_authorisation_is_over_before_the_sweep_has_seen_it(stage: Stage) -> None:
    authorisation_id = authorised(stage)
    with stage.acting("stranger") as ctx:
        case = draft.start(ctx, WORKFLOW, ANSWERS, authorisation_id=authorisation_id)
    stage.later(2)
    with pytest.raises(Forbidden, match="到期"), stage.acting("stranger") as ctx:
        draft.save_section(ctx, case.id, "operator", {}, stage.case(case.id).revision)
    transaction = partial(writing, stage.engine)
    assert authorise.run_expired(transaction, stage.catalog, stage.files, stage.now) == 1
    assert authorise.run_expired(transaction, stage.catalog, stage.files, stage.now) == 0
    assert stage.case(case.id).agent_id is None


def test_ratings_are_given_once_and_skipped_for_good(stage: Stage) -> None:
    case_id = withdrawn(stage)
    for _ in range(2):
        with stage.acting("applicant") as ctx:
            rating.skip(ctx, case_id)
    for grade in (2, 5):
        with stage.acting("applicant") as ctx:
            rating.rate(ctx, case_id, grade, ["slow"], "")
    with reading(stage.engine) as session:
        given = session.exec(select(Rating)).one()
        assert (given.grade, given.reasons) == (2, ["slow"])
        assert str(given.contact_due) > str(given.rated_at.date())
        assert session.get(RatingSkip, case_id) is not None
    assert stage.problems(case_id) == []
    with stage.looking("applicant") as ctx, pytest.raises(Forbidden):
        bad_ratings(ctx, "open")


def test_what_is_to_be_done_comes_by_its_last_day(stage: Stage) -> None:
    withdrawn(stage)
    with stage.looking("applicant") as ctx:
        assert todo(ctx) == (), "what one took back is not rated"
    case_id = stage.accepted()
    with writing(stage.engine) as session:  # as if it had been decided and handed out
        row = session.get_one(Case, case_id)
        row.concluded_at, row.state = stage.now, "concluded"
    with stage.looking("applicant") as ctx:
        assert [(each.title, each.href) for each in todo(ctx)] == [
            ("评价这次办事", f"/my/{case_id}/rate")
        ]


def test_drafts_end_by_themselves(stage: Stage) -> None:
    case_id = stage.drafted()
    run = partial(discard.run_expired, partial(writing, stage.engine), stage.catalog, stage.files)
    stage.later(180)
    assert run(stage.now) == 0
    stage.later(2)
    assert run(stage.now) == 1
    with reading(stage.engine) as session:
        assert session.exec(select(Upload).where(col(Upload.case_id) == case_id)).all() == []
