"""Snapshot and template → HTML in Jinja's sandbox: nothing reaches out, nothing is left out.

Templates are files an admin may edit; snapshots hold what applicants typed. Neither is trusted:
text is escaped, unsafe attributes are refused, and nothing may be missing.
"""

import re
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from onevisit.documents import format as formats
from onevisit.documents.blanks import Absent, Blank, Unfilled, located, printable, required
from onevisit.documents.errors import BrokenTemplate, MissingValue, UnknownTemplate

SUFFIX = ".html"
_NAME = re.compile(r"[a-z][a-z0-9_-]*(/[a-z][a-z0-9_-]*)+")
"""Folders and a file below templates/; a leading underscore marks a part, not a document."""


def fill(template: str, snapshot: Mapping[str, Any], templates: Path) -> str:
    """The HTML of one document. Raises UnknownTemplate, MissingValue or BrokenTemplate."""
    if not _NAME.fullmatch(template):
        raise UnknownTemplate(template)
    values = {key: located(value, key) for key, value in snapshot.items()}
    try:
        return _environment(templates.resolve()).get_template(template + SUFFIX).render(values)
    except Unfilled as missing:
        raise MissingValue(missing.name, template) from missing
    except TemplateNotFound as unknown:
        raise UnknownTemplate(str(unknown.name).removesuffix(SUFFIX)) from unknown
    except TemplateSyntaxError as broken:
        raise BrokenTemplate(
            broken.name or template, str(broken.message), broken.lineno
        ) from broken
    except Exception as broken:  # an expression can raise anything: it is the template's fault
        raise BrokenTemplate(template, _reason(broken), _line(broken)) from broken


class _Sandbox(ImmutableSandboxedEnvironment):
    """Looks up a record's own keys before Python's attributes (`x.items` is data), blanks never."""

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


@lru_cache(maxsize=8)
def _environment(templates: Path) -> _Sandbox:
    """Compiled templates stay in memory; an edited file is seen by its time stamp."""
    environment = _Sandbox(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=Absent,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("cn_date", "cn_datetime", "big_number", "mask_name", "mask_id", "mask_phone"):
        environment.filters[name] = _of_filled(getattr(formats, name))
    environment.filters["required"] = required
    environment.tests["none"] = lambda value: value is None or isinstance(value, Blank)
    return environment


def _of_filled(formatter: Callable[[Any], str]) -> Callable[[Any], str]:
    @wraps(formatter)
    def formatted(value: Any) -> str:
        if isinstance(value, Blank):
            raise Unfilled(value._where)
        return formatter(value)

    return formatted


def _reason(broken: Exception) -> str:
    kind = "" if isinstance(broken, TemplateError) else f"{type(broken).__name__}："
    return f"{kind}{broken}"


def _line(broken: Exception) -> int | None:
    """The last template line on the way to the error (Jinja maps its frames to template files)."""
    frames = traceback.extract_tb(broken.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.endswith(SUFFIX)]
    return lines[-1] if lines else None
