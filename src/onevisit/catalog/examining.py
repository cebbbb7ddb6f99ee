"""Asks a process of its own what is to be said of a text that somebody is writing.

Unfinished text can be anything, so the process gets little time and memory; it is kept for the next
question, and replaced when it was cut off.
"""

import json
from collections.abc import Mapping
from typing import Any

from onevisit.documents.apart import Apart

SECONDS = {False: 8, True: 30}
"""How long an examination may take; with the scenarios played."""
PATIENCE = 10
"""Seconds for which somebody waits for another's examination."""
PROCESS = "onevisit.catalog.examine_process"


class Busy(Exception):
    """正在检查另一份草稿，请稍后再试。"""


class CutOff(Exception):
    """The examination took too much time or memory; the text says which."""


class Examiner:
    """One process, one question at a time."""

    def __init__(self) -> None:
        self._apart = Apart("-m", PROCESS, patience=SECONDS[True] + PATIENCE)

    def get_ready(self) -> None:
        """Starts the process when nobody needs it yet, so that the first answer comes soon."""
        self._apart.get_ready()

    def close(self) -> None:
        """Ends the process; the next question starts another."""
        self._apart.close()

    def ask(
        self, texts: Mapping[str, str], path: str, before: Mapping[str, str], *, play: bool = False
    ) -> dict[str, Any]:
        """What `examine` says of these texts. Raises Busy and CutOff."""
        job = {"texts": dict(texts), "path": path, "before": dict(before), "play": play}
        line = json.dumps(job | {"seconds": SECONDS[play]}, ensure_ascii=False).encode()
        try:
            told = self._apart.ask(line, wait=PATIENCE)
        except TimeoutError:
            raise Busy(Busy.__doc__) from None
        if not told:
            raise CutOff(f"检查超过 {SECONDS[play]} 秒或者内存上限，已经停止")
        found: dict[str, Any] = json.loads(told)
        if "cut" in found:
            raise CutOff(found["cut"])
        return found


examiner = Examiner()
"""The one of this server."""
