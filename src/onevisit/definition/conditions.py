"""Conditions over answers and form fields: CEL, type-checked when the definition is checked.

CEL (Common Expression Language) by Google's own runtime. Only comparisons joined by && || ! are
let through to it, over answers and constants: no functions, no arithmetic, no loops. So every
condition ends at once, and proofs may cut numbers at the constants that conditions mention.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from cel_expr_python import cel

from onevisit.definition.problem import Words, nearest_name

VariableType = Literal["boolean", "integer", "string"]
Kind = Literal["string", "number", "name", "operator"]

_TYPES = {"boolean": cel.Type.BOOL, "integer": cel.Type.INT, "string": cel.Type.STRING}
_VALUES: dict[str, Callable[[Any], Any]] = {
    "boolean": lambda value: value is True,
    "integer": lambda value: value if type(value) is int and abs(value) < 2**63 else 0,
    "string": lambda value: str(value).encode("utf-8", "replace").decode() if value else "",
}
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'[^'\\]*'|"[^"\\]*")
    |(?P<number>-?[0-9]{1,18}(?![\w.]))
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<operator>&&|\|\||==|!=|<=|>=|[<>!()\[\],?:]))""",
    re.VERBOSE | re.ASCII,
)
_CONSTANTS = frozenset({"true", "false"})
_INSTEAD = {"and": "&&", "or": "||", "not": "!", "=": "=="}
_POSITION = re.compile(r"<input>:\d+:(\d+): ")
_OVERLOAD = re.compile(r"no matching overload for '(.*?)' applied to '\((.*?)\)'")
_TYPE_WORDS = {
    "int": Words("整数", "whole number"),
    "bool": Words("是否", "true/false"),
    "string": Words("文字", "text"),
    "list(string)": Words("文字的列表", "a list of texts"),
    "list(int)": Words("整数的列表", "a list of whole numbers"),
}


class ConditionError(Exception):
    """The condition cannot be used; `reason` says why, `nearest` which name was likely meant."""

    def __init__(self, reason: Words, nearest: str | None = None) -> None:
        self.reason, self.nearest = reason, nearest
        super().__init__(str(reason))


@dataclass(frozen=True)
class Token:
    """One word of a condition; `place` counts characters from 1."""

    kind: Kind
    text: str
    place: int

    @property
    def operand(self) -> bool:
        """Whether this is a value rather than something that joins values."""
        return self.kind != "operator"


class Conditions:
    """Compiles and evaluates the conditions of one workflow against its typed variables.

    `choices` names, for variables with a closed list of values, those values.
    """

    def __init__(
        self,
        variables: Mapping[str, VariableType],
        choices: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.variables = dict(variables)
        self.choices = dict(choices or {})
        self._environment = cel.NewEnv(
            variables={name: _TYPES[kind] for name, kind in variables.items()}
        )
        self._compiled = lru_cache(maxsize=512)(self._compile)

    def check(self, condition: str) -> None:
        """Raises ConditionError unless `condition` is a well-typed true/false expression."""
        self._compiled(condition)

    def holds(self, condition: str | None, answers: Mapping[str, Any]) -> bool:
        """Whether `condition` is true for `answers`; no condition always holds.

        What was not answered, or not in the right type yet, counts as false, 0 or empty.
        """
        if condition is None:
            return True
        expression, names = self._compiled(condition)
        data = {name: _VALUES[self.variables[name]](answers.get(name)) for name in names}
        return bool(expression.eval(data=data).value())

    def names(self, condition: str) -> frozenset[str]:
        """The variables that `condition` mentions."""
        words = (token.text for token in tokens(condition) if token.kind == "name")
        return frozenset(words) & frozenset(self.variables)

    def constants(self, condition: str) -> frozenset[int]:
        """The whole numbers that `condition` compares with."""
        return frozenset(int(each.text) for each in tokens(condition) if each.kind == "number")

    def _compile(self, condition: str) -> tuple[cel.Expression, frozenset[str]]:
        read = tokens(condition)
        self._check_words(read)
        self._check_choices(read)
        try:
            expression = self._environment.compile(condition)
        except RuntimeError as error:
            raise ConditionError(_reason(str(error))) from error
        if expression.return_type() != cel.Type.BOOL:
            raise ConditionError(_NO_TRUTH)
        return expression, self.names(condition)

    def _check_words(self, read: tuple[Token, ...]) -> None:
        known = {*self.variables, *_CONSTANTS}
        followers = (*read[1:], Token("operator", "", 0))
        for token, following in zip(read, followers, strict=True):
            if token.kind == "name" and following.text == "(":
                raise ConditionError(_at(token.place, _NO_FUNCTIONS))
            if token.kind == "name" and token.text not in known:
                near = _INSTEAD.get(token.text) or nearest_name(token.text, self.variables)
                raise ConditionError(_NO_VARIABLE.filled(name=token.text), near)
        for token, following in zip(read, followers, strict=True):
            if token.operand and following.operand:
                raise ConditionError(_at(following.place, _SYNTAX))

    def _check_choices(self, read: tuple[Token, ...]) -> None:
        """A text compared with a closed choice must be one of its options."""
        for place, token in enumerate(read):
            options = self.choices.get(token.text) if token.kind == "name" else None
            if options is None:
                continue
            for text in _compared(read, place):
                if text not in options:
                    words = _NO_OPTION.filled(name=token.text, option=text)
                    raise ConditionError(words, nearest_name(text, options))


_NO_TRUTH = Words("结果应为 true 或 false", "the result must be true or false")
_NO_FUNCTIONS = Words("不能调用函数", "functions cannot be called")
_NO_VARIABLE = Words("没有名为“{name}”的问题或字段", "no question or field is named “{name}”")
_NO_OPTION = Words("“{name}”没有选项“{option}”", "“{name}” has no option “{option}”")
_SYNTAX = Words("写法不完整，或者多了、少了符号", "something is missing or out of place")
_WHOLE = Words("只能写不超过 18 位的整数", "only whole numbers of up to 18 digits")
_CHARACTER = Words(
    "不能用“{found}”：条件里只能用 == != < <= > >= in && || ! 和括号",
    "“{found}” cannot be used: only == != < <= > >= in && || ! and brackets",
)


def tokens(condition: str) -> tuple[Token, ...]:
    """The words of a condition; ConditionError at the first that is no part of the language."""
    found: list[Token] = []
    place = 0
    text = condition.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            words = _WHOLE if text[start].isdigit() else _CHARACTER.filled(found=text[start])
            raise ConditionError(_at(start + 1, words), _INSTEAD.get(text[start]))
        kind: Any = match.lastgroup
        word = match[kind]
        found.append(Token("operator" if word == "in" else kind, word, match.start(kind) + 1))
        place = match.end()
    if not found:
        raise ConditionError(_at(1, _SYNTAX))
    return tuple(found)


def _compared(read: tuple[Token, ...], place: int) -> list[str]:
    """The texts that the variable at `place` is compared with: == 'a', 'a' ==, in ['a', 'b']."""
    after, before = read[place + 1 :], read[max(0, place - 2) : place]
    texts: list[Token] = []
    if after and after[0].text in ("==", "!="):
        texts += after[1:2]
    if after and after[0].text == "in":
        closing = [number for number, each in enumerate(after) if each.text == "]"]
        texts += after[1 : (closing or [1])[0]]
    if before and before[-1].text in ("==", "!="):
        texts += before[:1]
    return [each.text[1:-1] for each in texts if each.kind == "string"]


def _at(place: int, words: Words) -> Words:
    return Words(f"第 {place} 字：{words}", f"at character {place}: {words.en}")


def _reason(said: str) -> Words:
    """What the runtime found, in plain words."""
    position = _POSITION.search(said)
    if position is None:
        return Words("括号嵌套太深", "too many brackets inside brackets")
    words, overload = _SYNTAX, _OVERLOAD.search(said)
    if overload:
        operator = overload[1].strip("_@").replace("_", " ")
        types = [_TYPE_WORDS.get(each, Words(each, each)) for each in overload[2].split(", ")]
        chinese, english = "与".join(types), " with ".join(each.en for each in types)
        words = Words(
            f"“{operator}”不能用于{chinese}", f"“{operator}” cannot be used for {english}"
        )
    return _at(int(position[1]), words)
