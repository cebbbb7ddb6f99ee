"""`onevisit verify`: who sealed a file, when, whether it was changed and whether it still holds.

Works for a stranger with nothing but this program, a trust list and the file.
"""

import json
import re
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx

from onevisit.documents import BadCode, BadSeal
from onevisit.documents.format import cn_date, cn_datetime
from onevisit.documents.trust import codes, trust_list
from onevisit.documents.trust.examine import Examined
from onevisit.documents.trust.examiner import examine_apart
from onevisit.documents.trust.trust_list import TrustList
from onevisit.settings import Settings

GOOD, BAD, UNUSABLE = 0, 1, 2
PATIENCE = 10.0
"""Seconds to wait for the authority's register."""
LARGEST = 64 * 1024
HOLDS = ("valid", "issued")
UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What would move the cursor or turn the text around: a forged file must not draw its own tick."""
UNASKED = "没有联网查询：不能告诉您它后来是否被撤销、注销或者替换。"
Found = dict[str, Any]


def verify(
    file: Path | None, code: str | None, trust: Path | None, *, offline: bool, as_json: bool
) -> int:
    """Prints what was found; 0 when the paper is genuine and (as far as was asked) holds, 1 when
    not, 2 when nothing could be examined."""
    try:
        listed = _trust(trust)
        found = _of_file(file, listed) if file is not None else _of_code(code or "", listed)
    except (OSError, BadSeal, BadCode) as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    if found["genuine"]:
        found |= _standing(found, listed, offline=offline)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) if as_json else _text(found))
    sys.stdout.write("\n")
    return GOOD if found["genuine"] and found.get("holds") is not False else BAD


def _trust(path: Path | None) -> TrustList:
    """The list given, or the one of this installation."""
    if path is not None:
        return trust_list.read(path.read_text(encoding="utf-8"))
    seals = Settings().department_seals
    if not (seals.folder / "root.pem").exists():
        raise BadSeal("请用 --trust 指出信任列表（在核验网页下载 onevisit-trust.json）。")
    address = Settings().press.address
    return trust_list.of_seals(seals, (), datetime.now().astimezone(), address)


def _of_file(path: Path, listed: TrustList) -> Found:
    found: Examined = examine_apart(path.read_bytes(), listed.roots, listed.stamps)
    told = {name: _plain(value) for name, value in asdict(found).items()}
    data = found.data or {}
    return {
        "genuine": found.verdict == "genuine",
        "word": found.word,
        **told,
        "number": data.get("number"),
        "check_code": data.get("check_code"),
        "ask_at": data.get("verify_at"),
        "until": (data.get("certificate") or {}).get("valid_until"),
    }


def _of_code(text: str, listed: TrustList) -> Found:
    code = codes.read(text)
    signer = listed.signer_of(code)
    said = {name: _plain(value) for name, value in asdict(code.statement).items()}
    word = "二维码是真的" if signer else "二维码里的签名不在信任列表里，可能是伪造的，或者列表太旧"
    told = ["请与纸面逐项核对；有一项不同，就是把别人的二维码印到了假文书上。"] if signer else []
    return {
        "genuine": signer is not None,
        "word": word,
        "sealed_by": signer,
        "told": told,
        "ask_at": listed.address,  # nobody signed the address in a code: it may lead anywhere
        **said,
    }


def _standing(found: Found, listed: TrustList, *, offline: bool) -> Found:
    """Whether the paper still holds: by the list, by its own last day, and by the register."""
    until = found.get("until")
    if until and date.fromisoformat(until) < datetime.now().astimezone().date():
        return {"holds": False, "standing": f"已过有效期（{cn_date(until)}）"}
    if listed.no_longer_holds(found["number"]):
        made = cn_datetime(listed.made_at)
        return {"holds": False, "standing": f"已不再有效（信任列表 {made}）"}
    if offline or not str(found.get("ask_at")).startswith(("https://", "http://")):
        return {"holds": None, "standing": UNASKED}
    try:
        asked = {"number": found["number"], "code": found["check_code"]}
        where = f"{found['ask_at']}/status.json"
        with httpx.stream("GET", where, params=asked, timeout=PATIENCE) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND:
                return {"holds": False, "standing": "出具机关没有查到这份文书的登记"}
            answer.raise_for_status()
            status = json.loads(_beginning(answer))["status"]
        return {"holds": status["code"] in HOLDS, "standing": str(status["word"])}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        return {"holds": None, "standing": f"{UNASKED}（{found['ask_at']}：{error}）"}


def _beginning(answer: httpx.Response) -> bytes:
    """As much of an answer as a standing can take; what is longer is none (ValueError)."""
    said = bytearray()
    for part in answer.iter_bytes():
        said += part
        if len(said) > LARGEST:
            raise ValueError("回答太长")
    return bytes(said)


def _text(found: Found) -> str:
    lines = [("✓ " if found["genuine"] else "✗ ") + found["word"]]
    lines += [f"  {each}" for each in found["told"]]
    named = (
        ("盖章部门", found.get("sealed_by")),
        ("盖章时间", found.get("sealed_at") and cn_datetime(found["sealed_at"])),
        ("时间戳", found.get("stamped_at") and cn_datetime(found["stamped_at"])),
        ("名称", found.get("title") or (found.get("data") or {}).get("title")),
        ("编号", found.get("number")),
        ("持有人", found.get("holder")),
        ("有效期至", found.get("until") and cn_date(found["until"])),
    )
    lines += [f"  {label}：{value}" for label, value in named if value]
    if "standing" in found:
        mark = {True: "✓", False: "✗", None: "?"}[found["holds"]]
        lines.append(f"{mark} {found['standing']}")
    return "\n".join(UNPRINTABLE.sub("\ufffd", line) for line in lines)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
