"""How much one document may do: a template is text that a person edits, so it may not run for ever,
fill the memory or write without end.

Everything is counted, nothing is timed, so that a document never depends on how busy the machine
is. Who tries what somebody has just typed also puts a limit on time and memory (see tryout.py).
"""

import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from jinja2 import pass_eval_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.filters import do_join, do_replace, do_round
from jinja2.nodes import EvalContext
from jinja2.runtime import markup_join, str_join

SOURCE = 100_000
"""Characters of one template file."""
TURNS = 50_000
"""Turns of loops and calls of macros in one document, long ones counting more."""
OUTPUT = 4_000_000
"""Characters of one document's HTML, and of all that is printed into variables on the way."""
TEXT = 200_000
"""Characters of one text that a template puts together."""
RANGE = 2_000
BITS = 256
STATIC = 500
"""So many characters of fixed text count as one more turn."""

_WIDE_PERCENT = re.compile(r"%[^a-zA-Z%]*?(\*|[0-9]{4,})")
_WIDE_BRACES = re.compile(r"\{[^{}]*([0-9]{4,}|\{)")


class TooMuch(TemplateRuntimeError):
    """Raised inside a template that asks for more than one document may take."""


@dataclass
class Budget:
    """What is left for the document being filled."""

    turns: int = TURNS
    printed: int = OUTPUT

    def turn(self, weight: int) -> None:
        """One turn of a loop or call of a macro that holds `weight` × STATIC fixed characters."""
        self.turns -= weight
        if self.turns < 0:
            raise TooMuch("循环或者调用太多，已经停止")

    def printing(self, length: int) -> None:
        """So many characters are printed."""
        self.printed -= length
        if self.printed < 0:
            raise TooMuch("生成的内容太长，已经停止")


_now: ContextVar[Budget | None] = ContextVar("budget", default=None)


def within(budget: Budget, work: Callable[[], str]) -> str:
    """What `work` gives, all that templates do in it counted against `budget`."""
    token = _now.set(budget)
    try:
        return work()
    finally:
        _now.reset(token)


def turn(weight: int) -> None:
    """Called by every loop and macro; outside a document nothing is counted."""
    budget = _now.get()
    if budget is not None:
        budget.turn(weight)


def printing(value: Any) -> None:
    """Called for everything that is printed."""
    budget = _now.get()
    if budget is not None and isinstance(value, str):
        budget.printing(str.__len__(value))


def binary(operator: str, left: Any, right: Any) -> None:
    """Raises TooMuch for + * ** % whose result would be enormous."""
    if operator == "%" and isinstance(left, str):
        check_format(left, right if isinstance(right, tuple) else (right,), _WIDE_PERCENT)
    elif operator == "+":
        _check_length(_size(left) + _size(right))
    elif operator == "*":
        _check_product(left, right)
    elif operator == "**" and (_bits(left) * max(abs(right), 1) > BITS or _bits(right) > BITS):
        raise TooMuch("数太大，已经停止")


def check_format(text: str, values: Iterable[Any], wide: re.Pattern[str] = _WIDE_BRACES) -> None:
    """Raises TooMuch for a format that pads to a great width, or whose values are no scalars."""
    if wide.search(text):
        raise TooMuch("格式的宽度太大，已经停止")
    longest = max((_size(scalar(each)) for each in values), default=0)
    _check_length(len(text) + (text.count("%") + text.count("{")) * (longest + 1000))


def scalar(value: Any) -> Any:
    """The value itself, if it can be part of a text: text, number or a blank that refuses."""
    if isinstance(value, list | tuple | dict | set | frozenset):
        raise TypeError(f"不能把{type(value).__name__}连成文字")
    return value


def counted(*bounds: int) -> range:
    """range() of at most RANGE numbers."""
    numbers = range(*bounds)
    if len(numbers) > RANGE:
        raise TooMuch(f"range 最多 {RANGE} 个数")
    return numbers


@pass_eval_context
def joined(eval_ctx: EvalContext, parts: list[Any]) -> str:
    """What `~` gives."""
    _check_length(sum(_size(scalar(each)) for each in parts))
    return markup_join(parts) if eval_ctx.autoescape else str_join(parts)


@pass_eval_context
def join(eval_ctx: EvalContext, values: Iterable[Any], d: str = "", attribute: Any = None) -> str:
    """The filter join."""
    if attribute is not None:
        raise TypeError("join 不能带 attribute，请先用 map")
    each = [scalar(value) for value in values]
    _check_length(sum(_size(value) for value in each) + len(d) * len(each))
    filled: str = do_join(eval_ctx, each, d)
    return filled


@pass_eval_context
def replace(eval_ctx: EvalContext, text: str, old: str, new: str) -> str:
    """The filter replace."""
    _check_length(len(text) + text.count(old) * len(new))
    return do_replace(eval_ctx, text, old, new)


def rounded(value: float, precision: int = 0) -> float:
    """The filter round."""
    if not -10 <= precision <= 10:
        raise TooMuch("round 的位数太大")
    return do_round(value, precision)


def text(value: Any) -> str:
    """The filter string."""
    return value if isinstance(value, str) else str(scalar(value))


def formatted(text: str, *values: Any) -> str:
    """The filter format."""
    check_format(text, values, _WIDE_PERCENT)
    filled: str = text % values
    return filled


def _size(value: Any) -> int:
    if isinstance(value, str):
        return str.__len__(value)
    if isinstance(value, list | tuple):
        return len(value)
    return 32


def _bits(value: Any) -> int:
    return int(value).bit_length() if isinstance(value, int | float) else 0


def _check_product(left: Any, right: Any) -> None:
    for some, times in ((left, right), (right, left)):
        if isinstance(some, str | list | tuple) and isinstance(times, int):
            _check_length(_size(some) * times)
    if _bits(left) + _bits(right) > BITS:
        raise TooMuch("数太大，已经停止")


def _check_length(length: int) -> None:
    if length > TEXT:
        raise TooMuch("文字太长，已经停止")
