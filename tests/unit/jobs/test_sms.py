"""SMS, tried against a real HTTP gateway: signature, key, what is final and what is for now."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from onevisit.cases.outbox.sending import NotSent, Outgoing
from onevisit.jobs.sms import LARGEST, Sms
from unit.jobs.sms_gateway import KEY, sms_gateway

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
OUT = Outgoing(
    uuid.UUID(int=1), "19900000001", "受理通知书", "您申请的“开餐馆”已经受理。", None, AT
)


def test_the_gateway_gets_the_text_signed_and_gives_its_reference() -> None:
    with sms_gateway() as gateway:
        reference = Sms(gateway.url, KEY, "示例市政务服务中心")(OUT)
    assert reference == f"sms-{OUT.id}"
    assert gateway.accepted == {
        str(OUT.id): {
            "id": str(OUT.id),
            "to": "19900000001",
            "text": "【示例市政务服务中心】您申请的“开餐馆”已经受理。",
        }
    }


def test_what_was_accepted_before_counts_as_sent_and_is_not_sent_again() -> None:
    with sms_gateway() as gateway:
        way = Sms(gateway.url, KEY, "示例")
        assert way(OUT) == way(OUT)
    assert len(gateway.came) == 2
    assert len(gateway.accepted) == 1


@pytest.mark.parametrize(
    ("status", "headers", "permanent", "wait"),
    [
        (400, {}, True, None),
        (404, {}, True, None),
        (422, {}, True, None),
        (403, {}, False, None),
        (408, {}, False, None),
        (429, {"Retry-After": "120"}, False, timedelta(seconds=120)),
        (429, {"Retry-After": "999999999"}, False, timedelta(days=1)),
        (429, {"Retry-After": "Sat, 21 Nov 2026 02:00:00 GMT"}, False, None),
        (500, {}, False, None),
        (503, {"Retry-After": "7"}, False, timedelta(seconds=7)),
        (301, {"Location": "http://127.0.0.1:1/"}, False, None),
    ],
)
def test_a_refusal_is_final_or_for_now_as_its_status_says(
    status: int, headers: dict[str, str], permanent: bool, wait: timedelta | None
) -> None:
    with sms_gateway() as gateway:
        gateway.answers.append((status, headers, "why"))
        with pytest.raises(NotSent, match=f"HTTP {status} why") as refused:
            Sms(gateway.url, KEY, "示例")(OUT)
    assert (refused.value.permanent, refused.value.wait) == (permanent, wait)
    assert gateway.accepted == {}


def test_a_wrong_key_is_for_now_since_the_operator_can_put_it_right() -> None:
    with sms_gateway() as gateway, pytest.raises(NotSent, match="401") as refused:
        Sms(gateway.url, "another", "示例")(OUT)
    assert not refused.value.permanent


def test_a_gateway_that_is_not_there_is_for_now() -> None:
    with sms_gateway() as gateway:
        url = gateway.url
    with pytest.raises(NotSent) as refused:
        Sms(url, KEY, "示例")(OUT)
    assert not refused.value.permanent


@pytest.mark.parametrize("body", ["", "[]", "{}", "accepted"])
def test_a_gateway_without_a_reference_is_given_ours(body: str) -> None:
    with sms_gateway() as gateway:
        gateway.answers.append((200, {}, body))
        assert Sms(gateway.url, KEY, "示例")(OUT) == str(OUT.id)


def test_no_more_of_an_answer_is_read_than_is_worth_it() -> None:
    """A gateway that accepts a message and then talks without end has accepted it."""
    with sms_gateway() as gateway:
        gateway.answers = [(202, {}, '{"id": "' + "a" * LARGEST + '"}'), (400, {}, "a" * LARGEST)]
        way = Sms(gateway.url, KEY, "示例")
        assert way(OUT) == str(OUT.id)
        with pytest.raises(NotSent) as refused:
            way(OUT)
    assert refused.value.permanent and len(str(refused.value)) < 300


def test_a_gateway_that_sends_elsewhere_is_not_followed() -> None:
    with sms_gateway() as gateway, sms_gateway() as elsewhere:
        gateway.answers = [(307, {"Location": elsewhere.url}, "")]
        with pytest.raises(NotSent, match="HTTP 307"):
            Sms(gateway.url, KEY, "示例")(OUT)
    assert elsewhere.came == []
