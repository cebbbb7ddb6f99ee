"""What can stand in the way of an act, each with a sentence for the page that shows it."""

from collections.abc import Sequence
from datetime import datetime

from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_datetime


class CaseError(Exception):
    """办件操作未能完成。"""


class NotFound(CaseError):
    """没有找到。

    Also raised where telling "forbidden" from "not there" would tell too much.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"没有找到{what}，可能链接有误或者已被删除")
        self.what = what


class Archived(NotFound):
    """这个办件已经归档。

    Its rows lie in an archive file (cases/moved_out); of the case's own line a list may still tell.
    """

    def __init__(self) -> None:
        CaseError.__init__(
            self,
            "这个办件早已办结，已经归档：申请表、材料、经过和文书存在归档文件里，没有丢失；"
            "证照照常有效，照常可以核验",
        )
        self.what = "这个办件"


class Happened:
    """The last thing that happened to a region: `what` is a title like 准予; `who` may be None."""

    def __init__(self, who: str | None, when: datetime, what: str, *, mine: bool) -> None:
        self.who, self.when, self.what, self.mine = who, when, what, mine

    def sentence(self) -> str:
        """Who did what when, e.g. 演示决定人于2026年11月21日 10:00“准予”."""
        who = "您" if self.mine else self.who or "系统"
        return f"{who}于{cn_datetime(self.when)}“{self.what}”"


class NotPossible(CaseError):
    """现在不能这样做：事情已经有了变化。

    `happened` tells what was done instead, by whom and when; `state` is the present state's title;
    `waits` names the items whose results have to come first; `because` says in a sentence what
    else stands in the way.
    """

    def __init__(
        self,
        wanted: str,
        state: str,
        happened: Happened | None,
        waits: Sequence[str] = (),
        because: str | None = None,
    ) -> None:
        before = f"：{happened.sentence()}" if happened else ""
        if waits:
            before = f"，须等待{'、'.join(f'“{each}”' for each in waits)}的结果"
        if because:
            before = f"：{because}"
        super().__init__(f"不能“{wanted}”，当前状态为“{state}”{before}")
        self.wanted, self.state, self.happened = wanted, state, happened
        self.because = because


class Stale(CaseError):
    """页面打开之后，别人已经先一步操作。"""

    def __init__(self, happened: Happened | None) -> None:
        if happened is None:
            text = "页面打开之后内容已在别处保存过，请刷新页面后再操作"
        elif happened.mine:
            text = f"您的上一次操作已经生效：{happened.sentence()}，无需重复提交"
        else:
            text = f"页面打开之后，{happened.sentence()}，本次操作没有执行，请刷新页面后再决定"
        super().__init__(text)
        self.happened = happened
        self.who = happened.who if happened else None
        self.when = happened.when if happened else None
        self.what = happened.what if happened else None


class Invalid(CaseError):
    """填写的内容有误。

    `errors` are (path, message), in the order of the page.
    """

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("；".join(error.message for error in errors))
        self.errors = list(errors)
