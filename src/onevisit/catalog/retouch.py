"""Changes single values in a YAML text and leaves all else as somebody wrote it, comments too."""

import json
import re
from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from onevisit.definition.problem import DefinitionError
from onevisit.definition.source import Path, read

Scalar = str | int | float | bool | None
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
"""What YAML takes for the end of a line, or for no character."""


def changed(text: str, values: Mapping[Path, Scalar]) -> str:
    """The text with these scalars at these paths; a last key that is missing is added to its
    mapping. KeyError when there is no such mapping or place in a list."""
    root = _root(text)
    edits = [_edit(text, root, path, value) for path, value in values.items()]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def appended(text: str, path: Path, values: Mapping[str, Scalar]) -> str:
    """The text with one more mapping at the end of the block list at `path`."""
    node = _found(_root(text), path)
    if not isinstance(node, SequenceNode) or not node.value or node.flow_style:
        raise KeyError(path)
    last = node.value[-1]
    end = _end(last)
    line_end = text.find("\n", end)
    at = len(text) if line_end < 0 else line_end
    dash = text.rfind("-", 0, last.start_mark.index)
    indent = " " * (dash - text.rfind("\n", 0, dash) - 1)
    body = ", ".join(f"{key}: {written(value)}" for key, value in values.items())
    return f"{text[:at]}\n{indent}- {{{body}}}{text[at:]}"


def written(value: Scalar) -> str:
    """A scalar as it can stand anywhere in YAML 1.2: plain where that means the same text."""
    if not isinstance(value, str):
        return json.dumps(value)
    try:
        tried = read(f"a: {{b: {value}, c: 1}}\nd: {value}\ne:\n  - {value}\n", "").data
    except DefinitionError:
        return _quoted(value)
    if tried == {"a": {"b": value, "c": 1}, "d": value, "e": [value]}:
        return value
    return _quoted(value)


def _quoted(value: str) -> str:
    """In double quotes, as JSON and YAML both read it."""
    plain = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)


def _edit(text: str, root: Node, path: Path, value: Scalar) -> tuple[int, int, str]:
    """From where to where the text becomes what."""
    parent = _found(root, path[:-1])
    try:
        node = _found(parent, path[-1:])
    except KeyError:
        if not isinstance(parent, MappingNode) or not parent.value:
            raise
        at = _end(parent.value[-1][1])
        new = f"{path[-1]}: {written(value)}"
        if parent.flow_style:
            return at, at, f", {new}"
        line_end = text.find("\n", at)
        at = len(text) if line_end < 0 else line_end
        return at, at, "\n" + " " * parent.start_mark.column + new
    if not isinstance(node, ScalarNode):
        raise KeyError(path)
    new, old = written(value), text[node.start_mark.index : node.end_mark.index]
    if isinstance(value, str) and old[:1] in "\"'" and new[:1] != '"':
        new = _quoted(value)  # keeps the quotes that were there
    return node.start_mark.index, node.end_mark.index, new


def _end(node: Node) -> int:
    """Where a node really ends: the end mark of a block lies at the beginning of what follows."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.index
    return end


def _root(text: str) -> Node:
    root: Node = YAML(typ="safe", pure=True).compose(text)
    return root


def _found(node: Node, path: Path) -> Node:
    for part in path:
        if isinstance(node, MappingNode):
            members = {key.value: value for key, value in node.value}
            node = members[part]
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            raise KeyError(part)
    return node
