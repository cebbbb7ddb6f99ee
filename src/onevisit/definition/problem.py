"""What is wrong in a definition, where, and what to write instead, in Chinese and English."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Language = Literal["zh", "en"]


class Words(str):
    """A text in Chinese that carries its English twin as `en`."""

    __slots__ = ("en",)
    en: str

    def __new__(cls, chinese: str, english: str) -> "Words":
        """`chinese` is the text itself."""
        text = super().__new__(cls, chinese)
        text.en = english
        return text

    def filled(self, **values: object) -> "Words":
        """Both texts with their {places} filled."""
        return Words(self.format(**values), self.en.format(**values))


def in_language(text: str, language: Language) -> str:
    """The text in this language; a plain text is the same in both."""
    return text.en if language == "en" and isinstance(text, Words) else str(text)


_MESSAGES: dict[str, tuple[str, str]] = {
    "syntax": ("YAML 写法有误：{found}", "not valid YAML: {found}"),
    "encoding": ("文件必须是 UTF-8 编码", "the file must be UTF-8"),
    "unreadable": ("文件读不出来：{found}", "the file cannot be read: {found}"),
    "character": ("含有不能使用的字符 {found}", "the character {found} cannot be used"),
    "too_large": ("文件超过 {expected}，拒绝读取", "the file is larger than {expected}"),
    "too_deep": ("嵌套超过 {expected} 层", "nested deeper than {expected} levels"),
    "too_many": ("内容超过 {expected} 项，拒绝读取", "the file holds more than {expected} values"),
    "alias": (
        "不允许使用锚点和别名“{found}”，请直接写出内容",
        "anchors and aliases (“{found}”) are not allowed; write the value out",
    ),
    "tag": ("不允许使用类型标签“{found}”", "tags (“{found}”) are not allowed"),
    "duplicate_key": ("键“{found}”重复出现", "the key “{found}” occurs twice"),
    "key_type": ("键必须是文字，而这里是“{found}”", "a key must be text, found “{found}”"),
    "documents": ("一个文件只能有一份文档", "one file holds one document"),
    "empty": ("文件是空的", "the file is empty"),
    "unknown_key": ("不认识的键“{found}”", "unknown key “{found}”"),
    "missing_key": ("缺少“{expected}”", "“{expected}” is missing"),
    "wrong_value": ("“{found}”不对：应为{expected}", "“{found}” will not do: expected {expected}"),
    "unknown_name": ("没有名为“{found}”的{expected}", "no {expected} is named “{found}”"),
    "duplicate_id": ("标识“{found}”重复，请换一个", "the id “{found}” is used twice"),
    "condition": ("条件“{found}”有误：{expected}", "the condition “{found}” is wrong: {expected}"),
    "cycle": ("前置关系成环：{found}", "the needs form a loop: {found}"),
    "missing_file": (
        "找不到文件 {found}，请新建该文件或改正名称",
        "file {found} not found: create it or correct the name",
    ),
    "template": ("模板“{found}”不能用：{expected}", "template “{found}” fails: {expected}"),
    "rule": ("{expected}", "{expected}"),
}


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of a definition. `line` and `column` count from 1; `path` is the file."""

    path: str
    line: int
    column: int
    code: str
    found: str = ""
    expected: str = ""
    nearest: str | None = None

    def message(self, language: Language = "zh") -> str:
        """The fault in one sentence, with the nearest valid name when there is one."""
        chinese, english = _MESSAGES[self.code]
        template = chinese if language == "zh" else english
        found, expected = (in_language(each, language) for each in (self.found, self.expected))
        text = template.format(found=found, expected=expected)
        if self.nearest is None:
            return text
        hint = "；是否想写“{}”？" if language == "zh" else "; did you mean “{}”?"
        return text + hint.format(self.nearest)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message()}"


class DefinitionError(Exception):
    """The definition cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest_name(found: str, valid: Collection[str]) -> str | None:
    """The valid name that `found` most likely meant, or None when nothing is close."""
    matches = get_close_matches(found, list(valid), n=1, cutoff=0.6)
    return matches[0] if matches else None
