"""Writes plain data as YAML that people read and edit: block style, short lines, comments."""

import re
from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from onevisit.definition.source import resolve

Comments = Mapping[tuple[str, str], str]
_SHORT = 100
_PLAIN = re.compile(r"[\w《（“](?:[\w .()/+×《》（）“”、，。；！？：—…·-]|:(?=[\w/]))*(?<! )")
"""What stands without quotes whatever is around it."""


def yaml_text(data: Mapping[str, object], head: str, comments: Comments) -> str:
    """The text of a file. `comments` stand before what they are about: (section, id) of an entry
    of a list, or of a mapping, directly below the section."""
    written, apart = CommentedMap(), False
    remarked = {section for section, _ in comments}
    for key, value in data.items():
        block = isinstance(value, (list, dict)) and (key in remarked or not _is_short(value))
        written[key] = _block(value, key, comments) if block else _styled(value)
        if apart or block:
            written.yaml_set_comment_before_after_key(key, before="\n")
        apart = block
    written.yaml_set_start_comment(head)
    pieces = _Pieces()
    yaml = YAML()
    yaml.encoding = None  # type: ignore[assignment]  # text, not bytes; untyped there
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(written, pieces)
    return "".join(pieces)


class _Pieces(list[str]):
    """Takes what is written and keeps it."""

    def write(self, piece: str) -> None:
        """As a file does."""
        self.append(piece)


def _block(value: object, section: str, comments: Comments) -> object:
    """A section: its entries stand below each other, each with its comment before it."""
    if isinstance(value, list):
        sequence = CommentedSeq()
        for place, each in enumerate(value):
            sequence.append(_styled(each, whole=True))
            name = each.get("id", "") if isinstance(each, dict) else ""
            _comment(sequence, place, comments.get((section, name)), 2)
        return sequence
    assert isinstance(value, dict)
    mapping = CommentedMap()
    for key, each in value.items():
        mapping[key] = _styled(each)
        _comment(mapping, key, comments.get((section, key)), 2)
    return mapping


def _comment(
    owner: CommentedMap | CommentedSeq, key: int | str, text: str | None, indent: int
) -> None:
    if text:
        owner.yaml_set_comment_before_after_key(key, before=text, indent=indent)


def _styled(value: object, *, whole: bool = False) -> object:
    """A value with short mappings and lists on one line; `whole` entries only when very short."""
    if isinstance(value, str):
        plain = resolve(value) is value and _PLAIN.fullmatch(value)
        return value if plain else DoubleQuotedScalarString(value)
    if isinstance(value, dict):
        mapping = CommentedMap({key: _styled(each) for key, each in value.items()})
        if _is_short(value) and not (whole and len(value) > 4):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq([_styled(each) for each in value])
        if _is_short(value):
            sequence.fa.set_flow_style()
        return sequence
    return value


def _is_short(value: object) -> bool:
    """Whether a mapping or list fits on a line."""
    return len(str(value)) <= _SHORT
