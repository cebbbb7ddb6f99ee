"""Conditions over answers and form fields: CEL, type-checked when the definition is checked.

CEL (Common Expression Language) by Google's own runtime, which bounds every evaluation.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from cel_expr_python import cel

VariableType = Literal["boolean", "integer", "string"]
_TYPES = {"boolean": cel.Type.BOOL, "integer": cel.Type.INT, "string": cel.Type.STRING}
_ZERO: dict[str, Any] = {"boolean": False, "integer": 0, "string": ""}
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?![\w.])")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_POSITION = re.compile(r"<input>:(\d+):(\d+): ([^\n]*)")
_ARITHMETIC = re.compile(r"[+*/%]|(?<=[\w)])\s*-")
_WORDS = {"true", "false", "in", "null", "size", "has", "all", "exists", "exists_one"}


class ConditionError(Exception):
    """The condition cannot be used; the text says why."""


class Conditions:
    """Compiles and evaluates the conditions of one workflow against its typed variables."""

    def __init__(self, variables: Mapping[str, VariableType]) -> None:
        self.variables = dict(variables)
        self._environment = cel.NewEnv(
            variables={name: _TYPES[kind] for name, kind in variables.items()}
        )
        self._compiled = lru_cache(maxsize=512)(self._compile)

    def check(self, condition: str) -> None:
        """Raises ConditionError unless `condition` is a well-typed true/false expression.

        Arithmetic is refused: proofs cut numbers at the constants that conditions mention.
        """
        if _ARITHMETIC.search(_STRING.sub("''", condition)):
            raise ConditionError("条件里只能比较，不能做算术")
        self._compiled(condition)

    def holds(self, condition: str | None, answers: Mapping[str, Any]) -> bool:
        """Whether `condition` is true for `answers`; no condition always holds.

        An answer that was not asked counts as false, 0 or empty.
        """
        if condition is None:
            return True
        data = {name: answers.get(name, _ZERO[kind]) for name, kind in self.variables.items()}
        value = self._compiled(condition).eval(data=data)
        if value.type() != cel.Type.BOOL:
            raise ConditionError(str(value.value()))
        return bool(value.value())

    def names(self, condition: str) -> frozenset[str]:
        """The variables that `condition` mentions."""
        return frozenset(_NAME.findall(_STRING.sub("", condition))) & frozenset(self.variables)

    def constants(self, condition: str) -> frozenset[int]:
        """The whole numbers that `condition` compares with."""
        return frozenset(int(each) for each in _NUMBER.findall(_STRING.sub("", condition)))

    def unknown_names(self, condition: str) -> list[str]:
        """The words in `condition` that are neither variables nor part of the language."""
        words = _NAME.findall(_STRING.sub("", condition))
        return [word for word in words if word not in self.variables and word not in _WORDS]

    def _compile(self, condition: str) -> cel.Expression:
        try:
            expression = self._environment.compile(condition)
        except RuntimeError as error:
            found = _POSITION.search(str(error))
            reason = f"第 {found[2]} 字：{found[3]}" if found else str(error)
            raise ConditionError(reason.replace(" (in container '')", "")) from error
        if expression.return_type() != cel.Type.BOOL:
            raise ConditionError(f"结果应为 true/false，而这里是 {expression.return_type().name()}")
        return expression
