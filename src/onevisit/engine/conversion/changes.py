"""What a conversion did to a serial description, one sentence each, with the places it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from onevisit.definition.serial_file import Serial
from onevisit.definition.source import Path

Part = Literal["needs", "material", "field", "item"]


@dataclass(frozen=True)
class Change:
    """One thing that was kept, dropped, merged or moved. `about` is its id in the draft, "" for
    what is no longer there; `places` are file:line:column in the serial description."""

    part: Part
    about: str
    text: str
    places: tuple[str, ...]

    @property
    def remark(self) -> str:
        """The change as remarks beside the draft: a line for each clause, then the lines of the
        description."""
        text = " ".join(self.text.split()).replace("；", "\n")
        lines = "、".join(each.split(":")[-2] for each in self.places)
        return f"{text}（见第 {lines} 行）" if lines else text


@dataclass(frozen=True)
class Entry:
    """One material or field of the draft: its id, what is written for it, what was changed."""

    id: str
    written: dict[str, object]
    change: Change | None = None


class Ids:
    """Hands out names that nothing else has."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, wanted: str) -> str:
        """`wanted`, or with a number behind it; at most 63 characters."""
        name, number = wanted[:63], 1
        while name in self._taken:
            number += 1
            name = f"{wanted[:58]}_{number}"
        self._taken.add(name)
        return name


def places(serial: Serial, ats: Iterable[Path]) -> tuple[str, ...]:
    """Where these values stand, as file:line:column."""
    found = (serial.source.problem(at, "rule") for at in ats)
    return tuple(dict.fromkeys(f"{each.path}:{each.line}:{each.column}" for each in found))
