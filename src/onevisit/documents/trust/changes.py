"""What is different about a paper that was changed: in the words that stand on its pages.

The pages are read in a process of its own (comparing.py), which may be cut off.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from onevisit.documents.format import cn_date
from onevisit.documents.trust import comparing

PATIENCE = 20
"""Seconds; the process allows itself fewer of a processor."""
UNREAD = "页面的文字读不出来，没有逐字比较。"


def differences(before: bytes, after: bytes, *, reveal: bool = True) -> list[str]:
    """Sentences that say where the words of two versions of a paper differ; [] when they do not.

    Unless `reveal`, only what the second one says, for who may not see the first.
    """
    return _compared({"reveal": reveal}, before, after)


def not_shown(data: Mapping[str, Any], pdf: bytes) -> list[str]:
    """Which of the values that a paper carries as data cannot be read on its pages."""
    return _compared({"values": _values(data)}, pdf)


def _compared(job: Mapping[str, Any], *files: bytes) -> list[str]:
    head = json.dumps({**job, "sizes": [len(file) for file in files]}).encode()
    try:
        done = subprocess.run(  # noqa: S603 -- this interpreter and our own file
            [sys.executable, "-I", comparing.__file__],
            input=b"\n".join((head, b"".join(files))),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        return [str(each) for each in json.loads(done.stdout)]
    except (subprocess.SubprocessError, ValueError):
        return [UNREAD]


def _values(data: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Labels and values that certainly stand on the paper, since every template prints them."""
    certificate = data.get("certificate")
    if not isinstance(certificate, Mapping):
        named = (("标题", data.get("title")), ("编号", data.get("number")))
        return [(label, str(value)) for label, value in named if value]
    found = [
        ("证照名称", certificate.get("title")),
        ("证照编号", certificate.get("number")),
        ("持证主体", certificate.get("holder")),
    ]
    fields = certificate.get("fields") or []
    found += [(each.get("label"), each.get("value")) for each in fields]
    for label, name in (("起始日期", "valid_from"), ("截止日期", "valid_until")):
        day = certificate.get(name)
        found.append((label, cn_date(day) if day else None))
    return [(str(label), str(value)) for label, value in found if value]
