"""Administrators make keys that are shown once, and revoke them; nobody else comes near them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response
from sqlmodel import select

from functional.city import City
from functional.system import APPROVALS, client_with, made, system, today
from onevisit.store.interface_tables import InterfaceKey
from onevisit.store.read_tables import Read
from onevisit.store.session import reading
from onevisit.store.tables import Account
from onevisit.store.work_tables import Message


def typed(**changed: str) -> dict[str, str]:
    """What an administrator fills in."""
    return {
        "key_id": str(uuid4()), "name": "演示烟草许可系统", "department": "tobacco", "read": "yes",
        "sign:handler": "yes", "first_day": today().isoformat(),
        "last_day": (today() + timedelta(days=365)).isoformat(),
    } | changed  # fmt: skip


def make(city: City, form: dict[str, str]) -> Response:
    """Send the form."""
    answer: Response = city.client("admin").post("/studio/keys/new", data=form)
    return answer


def kept(city: City) -> list[InterfaceKey]:
    """All keys there are."""
    with reading(city.engine) as session:
        return list(session.exec(select(InterfaceKey)))


def test_a_key_is_shown_once_and_works_until_it_is_revoked(city: City) -> None:
    admin = city.client("admin")
    page = make(city, typed())
    secret = re.search(r"ovk_[A-Za-z0-9_-]{43}", page.text)
    assert page.status_code == 200 and secret
    (row,) = kept(city)
    robot = client_with(city, secret[0])
    assert robot.get(APPROVALS).status_code == 200
    for address in ("/studio/keys", f"/studio/keys/{row.id}", "/studio/keys?department=tobacco"):
        text = admin.get(address).text
        assert "演示烟草许可系统" in text and row.hint in text
        assert secret[0] not in text and row.secret_hash not in text
    assert "演示烟草许可系统" not in admin.get("/studio/keys?department=market_regulation").text
    revoked = admin.post(f"/studio/keys/{row.id}/revoke")
    assert "密钥已撤销" in revoked.text and "已撤销" in revoked.text
    refused = robot.get(APPROVALS)
    assert refused.status_code == 401 and "已被撤销" in refused.json()["detail"]
    assert admin.post(f"/studio/keys/{row.id}/revoke").status_code == 200, "twice is once"
    assert kept(city)[0].revoked_by is not None


def test_the_head_of_the_department_is_told(city: City) -> None:
    make(city, typed())
    city.client("admin").post(f"/studio/keys/{kept(city)[0].id}/revoke")
    with reading(city.engine) as session:
        statement = select(Account.username, Message.title).join(
            Message,
            Message.account_id == Account.id,  # type: ignore[arg-type]  # columns on the class
        )
        told = [(who, title) for who, title in session.exec(statement) if "密钥" in title]
    assert {who for who, _ in told} == {"tobacco.head"}
    assert sorted(title for _, title in told) == [
        "本部门的系统接口密钥已开通：演示烟草许可系统",
        "本部门的系统接口密钥已撤销：演示烟草许可系统",
    ]


def test_a_form_sent_twice_makes_one_key(city: City) -> None:
    form = typed()
    make(city, form)
    again = make(city, form)
    assert again.status_code == 422 and "只显示一次" in again.text
    assert len(kept(city)) == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "演"}, "2 到 50 个字"),
        ({"department": "nowhere"}, "请选择这个系统属于哪个部门"),
        ({"sign:decider": "yes"}, "一个密钥只能签署一个环节"),
        ({"read": "", "sign:handler": ""}, "请至少选择一项权限"),
        ({"last_day": (today() + timedelta(days=366)).isoformat()}, "最长使用一年"),
        ({"last_day": (today() - timedelta(days=1)).isoformat()}, "不能早于"),
        ({"first_day": "2026-02-30"}, "这样的日期"),
        ({"last_day": "20260101"}, "这样的日期"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
    city: City, changed: dict[str, str], told: str
) -> None:
    form = typed(**changed)
    page = make(city, form)
    assert page.status_code == 422 and told in page.text
    for name in ("key_id", "name", "first_day", "last_day"):
        assert f'value="{form[name]}"' in page.text
    assert kept(city) == []


def test_nobody_but_administrators_comes_near(city: City) -> None:
    key_id, _ = made(city, "tobacco", "read")
    for who in ("tobacco.head", "clerk", "supervisor", "operator", "applicant"):
        client = city.client(who)
        for address in ("/studio/keys", "/studio/keys/new", f"/studio/keys/{key_id}"):
            assert client.get(address).status_code == 403, who
        assert client.post("/studio/keys/new", data=typed()).status_code == 403
        assert client.post(f"/studio/keys/{key_id}/revoke").status_code == 403
    assert city.client("admin").get(f"/studio/keys/{uuid4()}").status_code == 404
    (row,) = kept(city)
    assert row.revoked_at is None


def test_what_a_system_was_shown_is_written_down(city: City) -> None:
    """个人信息保护法第五十五条: the same record as for people, and whose system it was."""
    case_id = city.accepted()
    robot = system(city, "tobacco", "read")
    assert robot.get(f"{APPROVALS}/{city.approval(case_id, 'tobacco').id}").status_code == 200
    with reading(city.engine) as session:
        reads = session.exec(select(Read).where(Read.case_id == case_id)).all()
        key = session.get_one(InterfaceKey, robot.key_id)
    assert [(each.role, each.department, each.purpose) for each in reads] == [
        ("system", "tobacco", "interface")
    ]
    assert reads[0].reader_id == key.account_id
