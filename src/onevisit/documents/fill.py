"""Snapshot and template → HTML in Jinja's sandbox: nothing reaches out, nothing is left out.

Templates are files an admin may edit; snapshots hold what applicants typed. Neither is trusted:
text is escaped, unsafe attributes are refused, nothing may be missing, and everything is bounded.
"""

import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, TemplateNotFound, TemplateSyntaxError, filters, nodes
from jinja2.environment import Environment
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from onevisit.documents import bounds, shelf
from onevisit.documents import format as formats
from onevisit.documents.blanks import Absent, Blank, Unfilled, located, printable, required
from onevisit.documents.bounded_syntax import bounded
from onevisit.documents.errors import BrokenTemplate, MissingValue, UnknownTemplate
from onevisit.documents.reasons import reason

SUFFIX = shelf.SUFFIX
_PLAIN_FILTERS = (
    "abs", "count", "d", "default", "e", "escape", "first", "float", "int", "last", "length",
    "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select",
    "selectattr", "sort", "trim", "unique", "upper",
)  # fmt: skip
"""Jinja's own filters that make nothing larger than they are given and never undo escaping."""
_TEXT_METHODS = frozenset(
    {"endswith", "find", "isdigit", "lower", "lstrip", "rstrip", "split", "startswith", "strip",
     "upper"}
)  # fmt: skip


def fill(
    template: str,
    snapshot: Mapping[str, Any],
    templates: Path,
    drafts: Mapping[str, str] | None = None,
) -> str:
    """The HTML of one document. Raises UnknownTemplate, MissingValue or BrokenTemplate.

    drafts: texts that stand for files which are not (so) on disk, by name with suffix.
    """
    if not shelf.is_document(template):
        raise UnknownTemplate(template)
    values = {key: located(value, key) for key, value in snapshot.items()}
    environment = _environment(templates.resolve(), tuple(sorted((drafts or {}).items())))
    try:
        return bounds.within(bounds.Budget(), lambda: _filled(environment, template, values))
    except Unfilled as missing:
        raise MissingValue(missing.name, template, *_place(missing, template)) from missing
    except TemplateNotFound as unknown:
        raise UnknownTemplate(str(unknown.name).removesuffix(SUFFIX)) from unknown
    except TemplateSyntaxError as broken:
        named = (broken.name or template).removesuffix(SUFFIX)
        raise BrokenTemplate(named, reason(broken), broken.lineno) from broken
    except Exception as broken:  # an expression can raise anything: it is the template's fault
        place, line = _place(broken, template)
        raise BrokenTemplate(place, reason(broken), line) from broken


def _filled(environment: Environment, template: str, values: Mapping[str, Any]) -> str:
    """The whole output; cut off as soon as it is too long."""
    chunks, length = [], 0
    for chunk in environment.get_template(template + SUFFIX).generate(values):
        length += len(chunk)
        if length > bounds.OUTPUT:
            raise bounds.TooMuch("生成的内容太长，已经停止")
        chunks.append(chunk)
    return "".join(chunks)


class _Loader(BaseLoader):
    """Templates of documents only, from one folder; drafts stand before files."""

    def __init__(self, folder: Path, drafts: Mapping[str, str]) -> None:
        self.folder, self.drafts = folder, drafts

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        if template in self.drafts:
            text = self.drafts[template]
            _check_source(template, text)
            return text, str(self.folder / template), lambda: True
        try:
            text, stamp = shelf.text_and_stamp(self.folder, template)
        except (OSError, UnicodeDecodeError):
            raise TemplateNotFound(template) from None
        _check_source(template, text)
        path = shelf.located(self.folder, template)
        return text, str(path), lambda: shelf.stamp(path) == stamp


def _check_source(template: str, text: str) -> None:
    if len(text) > bounds.SOURCE:
        raise TemplateSyntaxError(f"模板超过{bounds.SOURCE}个字符", 1, template)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Looks up a record's own keys before Python's attributes (`x.items` is data), blanks never;
    counts loops, calls and what is printed (see bounds.py)."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    turn = staticmethod(bounds.turn)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return bounded(super()._parse(source, name, filename), self, name)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Blank):
            raise Unfilled(obj._where)
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Blank):
            raise Unfilled(obj._where)
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and attr not in _TEXT_METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """str.format within bounds."""
        found = super().wrap_str_format(value)
        if found is None:
            return None

        def formatted(*args: Any, **kwargs: Any) -> str:
            bounds.check_format(value.__self__, (*args, *kwargs.values()))
            return found(*args, **kwargs)

        return formatted

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        bounds.binary(operator, left, right)
        return super().call_binop(context, operator, left, right)


@lru_cache(maxsize=8)
def _environment(templates: Path, drafts: tuple[tuple[str, str], ...]) -> Environment:
    """The sandbox over the templates of a folder, before which `drafts` (name, text) stand.

    Compiled templates stay in memory; an edited file is seen by its time stamp.
    """
    environment = _Sandbox(
        loader=_Loader(templates, dict(drafts)),
        autoescape=True,
        undefined=Absent,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals = {"range": bounds.counted, "namespace": Namespace}
    environment.filters = {name: filters.FILTERS[name] for name in _PLAIN_FILTERS}
    environment.filters |= {
        "format": bounds.formatted,
        "join": bounds.join,
        "joined_": bounds.joined,
        "replace": bounds.replace,
        "required": required,
        "round": bounds.rounded,
        "string": bounds.text,
    }
    for name in ("cn_date", "cn_datetime", "big_number", "mask_name", "mask_id", "mask_phone"):
        environment.filters[name] = _of_filled(getattr(formats, name))
    environment.tests["none"] = lambda value: value is None or isinstance(value, Blank)
    return environment


def _printed(value: Any) -> Any:
    bounds.printing(value)
    return printable(value)


def _of_filled(formatter: Callable[[Any], str]) -> Callable[[Any], str]:
    @wraps(formatter)
    def formatted(value: Any) -> str:
        if isinstance(value, Blank):
            raise Unfilled(value._where)
        return formatter(value)

    return formatted


def _place(broken: Exception, template: str) -> tuple[str, int | None]:
    """The last template on the way to the error and the line in it (Jinja maps its frames to the
    templates' files); the document itself where there is none."""
    frames = [
        frame
        for frame in traceback.extract_tb(broken.__traceback__)
        if frame.filename.endswith(SUFFIX)
    ]
    if not frames:
        return template, None
    path = Path(frames[-1].filename)
    return f"{path.parent.name}/{path.stem}", frames[-1].lineno
