"""A stranger with number and check code learns how a paper stands, and no more than that."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, delete, update

from onevisit.cases.afterwards import cancel_certificate, reissue, renewal, revoke_certificate
from onevisit.cases.dossier import load
from onevisit.cases.holder import sensitivity, shown_holder
from onevisit.cases.turns import reopen
from onevisit.cases.turns.reopen import Review
from onevisit.cases.verification import (
    Issuer,
    Standing,
    holder_matches,
    look_up,
    revoked_numbers,
    sha256_of,
)
from onevisit.store.session import reading, writing
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Certificate
from scenarios.conftest import SetUp
from scenarios.law import stall
from scenarios.law.intake import deferred, deferring, swept
from scenarios.stage import APPLICANT_ID, Stage

DAY = "2026-02-13"
DECIDER, HANDLER = "market_regulation.decider", "market_regulation.handler"


def paper(stage: Stage, case_id: UUID, kind: str, region: str | None = "permit") -> Document:
    """The newest paper of a kind."""
    return [
        each for each in stage.documents(case_id) if (each.kind, each.region) == (kind, region)
    ][-1]


def seen(stage: Stage, row: Document, today: str = DAY, number: str = "") -> Standing:
    """What whoever holds the paper sees on a day."""
    code = row.snapshot["check_code"]
    with reading(stage.engine) as session:
        day = date.fromisoformat(today)
        found = look_up(session, stage.catalog, number or row.number, code, day)
    assert found is not None
    return found


def gone(stage: Stage) -> list[str]:
    """The numbers on the published list."""
    with reading(stage.engine) as session:
        return revoked_numbers(session)


def acted(stage: Stage, case_id: UUID, act: str, *typed: object) -> None:
    """One act of the department on the permit's certificate."""
    row = stall.certificate(stage, case_id)
    verbs = {
        "reissue": (HANDLER, reissue.reissue),
        "revoke": (DECIDER, revoke_certificate.revoke),
        "cancel": (DECIDER, cancel_certificate.cancel),
        "renew": (DECIDER, renewal.renew),
    }
    who, verb = verbs[act]
    with stage.acting(who) as ctx:
        verb(ctx, row.id, *typed, row.revision)  # type: ignore[operator]  # one of the verbs


def test_a_certificate_in_force_shows_what_it_is_and_whose_masked(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = paper(market, case_id, "certificate")
    found = seen(market, row)
    assert found == Standing(
        kind="certificate",
        title="摆摊许可证",
        number=row.number,
        issuer=Issuer(row.snapshot["authority"]["title"], row.snapshot["authority"]["uscc"]),
        issued_on=date(2026, 2, 13),
        status=found.status,
        holder="演*****",
        valid_from=date(2026, 2, 13),
        valid_until=date(2030, 2, 12),
    )
    assert (found.status.code, found.status.word, found.status.since) == ("valid", "有效", None)
    for secret in ("演示申请人甲", APPLICANT_ID, "示例市演示广场", "19900000000"):
        assert secret not in str(found)
    assert gone(market) == []


def test_without_the_right_code_or_number_there_is_nothing(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row, other = paper(market, case_id, "certificate"), paper(market, case_id, "approval")
    code = row.snapshot["check_code"]
    wrong = ("Z" if code[0] != "Z" else "Y") + code[1:]
    typed = [
        (row.number, wrong),
        (row.number, ""),
        (row.number, code[:-1]),
        (row.number, code + "0"),
        (row.number, other.snapshot["check_code"]),
        (other.number, code),
        (row.number[:-1], code),
        ("", code),
        ("%", code),
        ("", ""),
    ]
    with reading(market.engine) as session:
        for number, given in typed:
            assert look_up(session, market.catalog, number, given, market.now.date()) is None
            assert holder_matches(session, number, given, "演示申请人甲") is None


def test_a_paper_from_before_there_were_codes_is_not_found(market: Stage) -> None:
    stall.at(market, DAY)
    row = paper(market, stall.decided(market), "certificate")
    without = {name: each for name, each in row.snapshot.items() if name != "check_code"}
    with writing(market.engine) as session:
        session.get_one(Document, row.id).snapshot = without
    with reading(market.engine) as session:
        for code in ("", "-", "None", row.snapshot["check_code"]):
            assert look_up(session, market.catalog, row.number, code, date(2026, 2, 13)) is None


def test_it_is_found_however_it_is_typed(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row, notice = paper(market, case_id, "certificate"), paper(market, case_id, "approval")
    code = row.snapshot["check_code"]
    wide = "".join(chr(ord(each) + 0xFEE0) for each in row.number)
    with reading(market.engine) as session:
        for number, given in (
            (row.number.lower(), code.lower()),
            (f" {wide} ", f"{code[:4]} {code[4:]}"),
            (row.number[:-1].replace("0", "O") + row.number[-1], code.replace("0", "O")),
            (row.number[:-1].replace("1", "I") + row.number[-1], code.replace("1", "l")),
        ):
            found = look_up(session, market.catalog, number, given, date(2026, 2, 13))
            assert found is not None and found.number == row.number, number
    spelt = notice.number.replace("〔", "[").replace("〕", "】").replace("00000", "")
    assert seen(market, notice, number=spelt).number == notice.number


def test_a_full_name_typed_from_the_paper_is_the_same_or_not(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    names = {
        "演示申请人甲": True,
        " 演示 申请人甲": True,
        "演示申请人乙": False,
        "演*****": False,
        "": False,
    }
    for kind in ("certificate", "approval"):
        row = paper(market, case_id, kind)
        with reading(market.engine) as session:
            for name, same in names.items():
                code = row.snapshot["check_code"]
                assert holder_matches(session, row.number, code, name) is same, (kind, name)


def test_replaced_by_the_paper_in_force_and_each_says_which(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    first = paper(market, case_id, "certificate")
    stall.at(market, "2026-03-02")
    acted(market, case_id, "reissue", "遗失。")
    second = paper(market, case_id, "certificate")
    stall.at(market, "2026-04-01")
    acted(market, case_id, "reissue", "损毁。")
    third = paper(market, case_id, "certificate")
    was, between, now = (seen(market, each, "2026-05-01") for each in (first, second, third))
    assert (was.status.code, was.status.word) == ("replaced", "已被替换")
    assert (was.status.since, was.status.by) == (date(2026, 3, 2), second.number)
    assert (between.status.since, between.status.by) == (date(2026, 4, 1), third.number)
    assert was.replaced_by == between.replaced_by == third.number
    assert (now.status.code, now.replaced_by, now.issued_on) == ("valid", None, date(2026, 4, 1))
    assert gone(market) == sorted([first.number, second.number])
    acted(market, case_id, "revoke", "other", "演示。")  # what has ended has ended on every paper
    assert [seen(market, each).status.code for each in (first, third)] == ["revoked", "revoked"]
    assert seen(market, first).replaced_by == third.number
    assert third.number in gone(market)


ENDS = [
    ("revoke", "unqualified", "revoked", "已撤销", "certificate_revocation"),
    ("cancel", "request", "cancelled", "已注销", "certificate_cancellation"),
]


@pytest.mark.parametrize(("act", "ground", "code", "word", "kind"), ENDS)
def test_revoked_or_cancelled_since_when_and_by_what(
    market: Stage, act: str, ground: str, code: str, word: str, kind: str
) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = paper(market, case_id, "certificate")
    stall.at(market, "2026-03-02")
    acted(market, case_id, act, ground, "演示理由。")
    status = seen(market, row, "2031-01-01").status  # not: expired
    by = paper(market, case_id, kind)
    assert (status.code, status.word, status.since, status.by) == (
        code, word, date(2026, 3, 2), by.number,
    )  # fmt: skip
    assert not status.holds
    decision = paper(market, case_id, "approval")
    granted = seen(market, decision)
    if act == "revoke":  # the decision that granted it falls with it
        assert (granted.status.code, granted.status.by) == ("withdrawn", by.number)
        assert gone(market) == sorted([row.number, decision.number])
    else:  # the decision was right; the licence has ended
        assert granted.status.code == "issued"
        assert granted.remark == "依据这份决定发出的证照现在的状态是“已注销”"
        assert gone(market) == [row.number]
    assert seen(market, by).status.code == "issued"
    assert seen(market, paper(market, case_id, "approval", "fire")).status.code == "issued"


def test_expired_from_midnight_whether_or_not_the_sweep_has_looked(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = paper(market, case_id, "certificate")
    assert seen(market, row, "2030-02-12").status.code == "valid"
    before = seen(market, row, "2030-02-13").status
    stall.at(market, "2030-02-13")
    stall.sweep(market)
    assert stall.certificate(market, case_id).state == "expired"
    after = seen(market, row, "2030-02-13").status
    assert before == after
    assert (after.code, after.word, after.since) == ("expired", "已过有效期", date(2030, 2, 12))


def test_50_2_asked_in_time_and_not_decided_it_holds_by_law_before_the_sweep(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = paper(market, case_id, "certificate")
    stall.at(market, "2029-06-01")
    held = stall.certificate(market, case_id)
    with market.acting("applicant") as ctx:
        renewal.ask(ctx, held.id, "", held.revision)
    status = seen(market, row, "2030-02-13").status
    assert (status.code, status.holds) == ("valid", True)
    assert "视为准予延续" in status.word
    stall.at(market, "2030-02-13")
    stall.sweep(market)
    assert seen(market, row, "2030-02-13").status.code == "replaced"
    renewed = seen(market, paper(market, case_id, "certificate"), "2030-02-13")
    assert (renewed.status.word, renewed.valid_until) == ("有效", date(2034, 2, 12))


def test_a_decision_that_a_review_set_aside_is_withdrawn(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market, refused=["permit"])
    refusal, other = paper(market, case_id, "rejection"), paper(market, case_id, "approval", "fire")
    stall.handed_out(market, case_id)
    assert seen(market, refusal).status.code == "issued"
    stall.at(market, "2026-02-26")
    review = Review("示例复决〔2026〕3号", date(2026, 2, 25), "示例市人民政府")
    with market.acting("government") as ctx:
        revision = market.case(case_id).revision
        reopen.reopen(ctx, case_id, ["permit"], review, "事实不清。", revision)
    status = seen(market, refusal).status
    by = paper(market, case_id, "reopening", None)
    assert (status.code, status.word, status.since, status.by) == (
        "withdrawn", "已被撤销", date(2026, 2, 26), by.number,
    )  # fmt: skip
    assert seen(market, other).status.code == "issued"
    assert gone(market) == [refusal.number]


def test_an_answer_to_a_later_request_is_not_the_decision_itself(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    stall.at(market, "2029-06-01")
    held = stall.certificate(market, case_id)
    with market.acting("applicant") as ctx:
        renewal.ask(ctx, held.id, "", held.revision)
    held = stall.certificate(market, case_id)
    with market.acting(DECIDER) as ctx:
        renewal.refuse(ctx, held.id, "演示。", held.revision)
    refusal = paper(market, case_id, "rejection")
    acted(market, case_id, "revoke", "other", "演示。")
    assert seen(market, refusal).status.code == "issued"
    assert refusal.number not in gone(market)


def test_what_the_made_file_has_to_be(market: Stage) -> None:
    stall.at(market, DAY)
    row = paper(market, stall.decided(market), "certificate")
    with reading(market.engine) as session:
        assert sha256_of(session, row.number) is None
        assert sha256_of(session, "没有这个编号") is None
    made = update(Document).where(col(Document.id) == row.id)
    with writing(market.engine) as session:
        session.exec(made.values(state="made", pdf_key="ab/演示", sha256="a" * 64))
    with reading(market.engine) as session:
        assert sha256_of(session, row.number.lower()) == "a" * 64


def test_a_state_that_the_list_does_not_know_never_counts_as_valid(market: Stage) -> None:
    life = market.catalog.current("stall").definition.lifecycle.certificate
    assert life is not None
    final = {name for name, state in life.states.items() if state.final}
    assert final == {"expired", "revoked", "cancelled"}
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row = paper(market, case_id, "certificate")
    for state in final:
        with writing(market.engine) as session:
            session.exec(update(Certificate).values(state=state))
        assert seen(market, row).status.code == state


def test_without_a_register_the_paper_itself_says_until_when(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    row, decision = paper(market, case_id, "certificate"), paper(market, case_id, "approval")
    with writing(market.engine) as session:
        session.exec(delete(Certificate))
    found = seen(market, row, "2030-02-12")
    assert (found.status.code, found.valid_until) == ("valid", date(2030, 2, 12))
    assert seen(market, row, "2030-02-13").status.code == "expired"
    assert seen(market, decision).remark is None


def test_a_corrected_name_is_masked_as_it_reads_now(market: Stage) -> None:
    stall.at(market, DAY)
    case_id = stall.decided(market)
    first, held = paper(market, case_id, "certificate"), stall.certificate(market, case_id)
    with market.acting(DECIDER) as ctx:
        reissue.correct(ctx, held.id, {"holder": "李演示"}, "姓名录入有误。", held.revision)
    second = paper(market, case_id, "certificate")
    assert (seen(market, first).holder, seen(market, second).holder) == ("演*****", "李**")
    with reading(market.engine) as session:
        same = [
            holder_matches(session, each.number, each.snapshot["check_code"], "李演示")
            for each in (first, second)
        ]
    assert same == [False, True]


def test_revoked_acceptance_takes_its_notices_back(set_up: SetUp, tmp_path: Path) -> None:
    stage = set_up(deferring(tmp_path / "root"))
    case_id = deferred(stage, "2026-02-13 10:00")
    accepted = paper(stage, case_id, "acceptance", None)
    receipt = paper(stage, case_id, "receipt", None)
    assert seen(stage, accepted).status.code == "issued"
    assert swept(stage, "2026-03-13 00:00") == 1  # due on 12 March
    by = paper(stage, case_id, "revocation", None)
    for kind in ("acceptance", "deferral"):
        status = seen(stage, paper(stage, case_id, kind, None)).status
        assert (status.code, status.since, status.by) == (
            "withdrawn", date(2026, 3, 13), by.number,
        )  # fmt: skip
    assert seen(stage, receipt).status.code == seen(stage, by).status.code == "issued"
    assert accepted.number in gone(stage) and receipt.number not in gone(stage)


def test_an_organisation_is_named_whole_and_people_are_masked(stage: Stage) -> None:
    case_id = stage.accepted()
    for region in ("licence", *(key for key in stage.approvals(case_id) if key != "licence")):
        stage.approve(case_id, region)
    row = paper(stage, case_id, "certificate", "food")
    assert seen(stage, row).holder == "示例市演示小馆"
    with stage.acting("applicant") as ctx:
        dossier = load(ctx, case_id)
        food = dossier.selection.part("food").item
        assert shown_holder(dossier, food, "李演示") == "李**", "short names may be a person's"
        assert shown_holder(dossier, food, "买买提·演示") == "买*****"
    masked = {"newborn": "birth_certificate", "after_death": "cremation", "retire": "pension"}
    for service, item in masked.items():
        assert _sensitivity(stage, service, item) == "personal"
    firms = {"start_company": "register", "close_company": "deregister", "hold_event": "safety"}
    for service, item in firms.items():
        assert _sensitivity(stage, service, item) is None


def _sensitivity(stage: Stage, service: str, item: str) -> str | None:
    definition = stage.catalog.current(service).definition
    return sensitivity(definition, definition.workflow.item(item))
