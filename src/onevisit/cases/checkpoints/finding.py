"""What a verification has found, and where."""

from dataclasses import dataclass
from typing import NamedTuple

from onevisit.cases.checkpoints.logs import Fault


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was: `label` what people call the subject (a case number or,
    for a case without one, its id), its chain and entry, and the checkpoint that covered it, where
    each is known. `wrong` is False for what is only to be known."""

    text: str
    label: str = ""
    chain: str = ""
    seq: int | None = None
    checkpoint: int | None = None
    wrong: bool = True

    @property
    def sentence(self) -> str:
        """All of it in one line, for people."""
        where = [f"检查点 {self.checkpoint}"] if self.checkpoint is not None else []
        if self.label:
            where.append(f"办件 {self.label}" if self.chain else self.label)
        if self.chain:
            where.append(f"“{self.chain}”链" + (f"第 {self.seq} 条" if self.seq else ""))
        return "，".join(where) + ("：" if where else "") + self.text


class At(NamedTuple):
    """A fault of a leaf in a checkpoint."""

    checkpoint: int
    fault: Fault

    @property
    def finding(self) -> Finding:
        """The same for people."""
        leaf = self.fault.leaf
        label = leaf.label or leaf.subject
        return Finding(self.fault.text, label, leaf.chain, leaf.seq, self.checkpoint)
