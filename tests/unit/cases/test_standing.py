"""What has become of a paper: as it says itself, or by the life that its service describes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from onevisit.cases.verification.standing import Status, of_certificate, of_paper
from onevisit.catalog.published import Published
from onevisit.store.tables import LedgerEntry
from onevisit.store.turn_tables import Certificate
from proof.mutated import parsed

TODAY = date(2026, 3, 2)
PAPERS = [
    (None, "valid"),  # holds for good
    ("2026-03-02", "valid"),  # its last day
    ("2026-03-01", "expired"),
]


@pytest.mark.parametrize(("until", "code"), PAPERS)
def test_where_nobody_keeps_a_register_the_paper_says_it(until: str | None, code: str) -> None:
    status = of_paper({"valid_until": until}, TODAY)
    assert (status.code, status.holds) == (code, code == "valid")
    assert status.since == (date(2026, 3, 1) if code == "expired" else None)


def with_states(**more: object) -> Published:
    """The restaurant with a certificate that may end in other ways than the shipped one."""
    definition = parsed()
    life = definition.lifecycle.certificate
    assert life is not None
    states = {**life.states, "lost": life.states["revoked"].model_copy(update=more)}
    region = life.model_copy(update={"states": states})
    lifecycle = definition.lifecycle.model_copy(update={"certificate": region})
    return Published("0" * 64, {}, replace(definition, lifecycle=lifecycle))


def row(state: str, until: date | None = None) -> Certificate:
    return Certificate(
        case_id=uuid4(), document_id=uuid4(), region="food", item_id="food", department="market",
        holder_id=uuid4(), number="1", title="演示证", state=state, valid_from=date(2026, 1, 1),
        valid_until=until,
    )  # fmt: skip


def ended(to: str, *, numbers: tuple[str, ...] = ()) -> LedgerEntry:
    """The entry by which a certificate ended, late in the evening of 1 March in London."""
    return LedgerEntry(
        case_id=uuid4(), region="certificate/food", seq=2, at=datetime(2026, 3, 1, 20, tzinfo=UTC),
        actor_role="decider", act="end", from_state="valid", to_state=to, version_hash="0" * 64,
        detail={"documents": list(numbers)} if numbers else {}, prev_hash="0" * 64, hash="0" * 64,
    )  # fmt: skip


def test_an_end_that_another_lifecycle_has_never_counts_as_valid() -> None:
    published = with_states(title="已吊销")
    status = of_certificate(published, row("lost"), [ended("lost", numbers=("文号",))], TODAY)
    # four o'clock in the morning of 2 March in the city
    assert status == Status("revoked", "已吊销", date(2026, 3, 2), "文号")


def test_an_end_without_a_document_or_without_an_entry_is_still_an_end() -> None:
    published = with_states()
    found = of_certificate(published, row("revoked"), [ended("revoked")], TODAY)
    assert (found.code, found.since, found.by) == ("revoked", date(2026, 3, 2), None)
    assert of_certificate(published, row("cancelled"), [], TODAY).since is None


def test_what_no_timer_ends_has_expired_all_the_same() -> None:
    definition = parsed()
    life = definition.lifecycle.certificate
    assert life is not None
    kept = tuple(each for each in life.transitions if each.event != "expire")
    lifecycle = definition.lifecycle.model_copy(
        update={"certificate": life.model_copy(update={"transitions": kept})}
    )
    published = Published("0" * 64, {}, replace(definition, lifecycle=lifecycle))
    found = of_certificate(published, row("valid", date(2026, 3, 1)), [], TODAY)
    assert (found.code, found.word, found.since) == ("expired", "已过有效期", date(2026, 3, 1))
