"""Says in plain words what a YAML parser found, since its own words help only programmers."""

import re

from ruamel.yaml.error import MarkedYAMLError

from onevisit.definition.problem import Problem, Words

_WORDS: tuple[tuple[str, Words], ...] = (
    (
        r"mapping values are not allowed",
        Words(
            "这里不能再出现冒号；值里含有冒号或逗号时请加引号，并核对缩进",
            "a colon cannot stand here; quote a value that contains one, and check the indentation",
        ),
    ),
    (
        r"'\\t' that cannot start",
        Words("缩进只能用空格，不能用制表符", "indent with spaces, not with tabs"),
    ),
    (
        r"end of stream",
        Words("引号没有配对，一直到文件末尾都没有结束", "a quote is opened and never closed"),
    ),
    (
        r"expected <block end>",
        Words(
            "缩进与上一层不一致，列表项前少了“- ”，或者引号之后多出了内容",
            "wrong indentation, a “- ” is missing, or text follows a closing quote",
        ),
    ),
    (
        r"expected ',' or|node content, but found '<stream end>'",
        Words(
            "花括号或方括号没有配对，或者两项之间少了逗号",
            "a bracket is not closed, or a comma is missing between two entries",
        ),
    ),
    (
        r"sequence entries are not allowed",
        Words("“- ”开头的列表要另起一行", "a list with “- ” begins on a line of its own"),
    ),
    (
        r"cannot start any token|expected (alphabetic or numeric|URI|chomping)",
        Words(
            "这个符号不能开头，请给整个值加引号",
            "this character cannot begin a value; quote the whole value",
        ),
    ),
    (
        r"more indented follow up line",
        Words(
            "多行文字开头的空行里有空格，请删去这些空格",
            "an empty line at the head of a text of several lines holds spaces; remove them",
        ),
    ),
    (
        r"escape",
        Words(
            "反斜杠后面的写法不对；不需要转义时请用单引号",
            "wrong escape after a backslash; use single quotes where none is meant",
        ),
    ),
)


def explained(error: MarkedYAMLError, path: str) -> Problem:
    """The problem that a YAML parser's error stands for, at the place a person has to look."""
    said = str(error.problem or error.context)
    mark = error.context_mark if "end of stream" in said else error.problem_mark
    mark = mark or error.context_mark  # some errors have only the one
    otherwise = Words(f"请核对这一行（{said}）", said)
    text = next((words for pattern, words in _WORDS if re.search(pattern, said)), otherwise)
    return Problem(path, mark.line + 1, mark.column + 1, "syntax", text)
