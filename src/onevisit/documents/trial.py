"""Tries a template on a sample without making a paper: every value there, every part found."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from onevisit.documents.assets import ORIGIN, TemplateAssets
from onevisit.documents.errors import DocumentError
from onevisit.documents.fill import SUFFIX, fill

CHECK = {"code": "7K3M9TXA", "address": "verify.invalid/verify", "image": "/check-code.png"}
"""What stands for the code of a paper that is only tried."""
_NAMED = re.compile(r"""<(?:link|img|image|object)\b[^>]*?\b(?:href|src|data)=["']([^"']+)""")


def try_filling(
    template: str,
    snapshot: Mapping[str, Any],
    templates: Path,
    drafts: Mapping[str, str] | None = None,
    *,
    files: bool = True,
) -> DocumentError | None:
    """What is wrong, or None: the template is filled, and the `files` that it names looked for."""
    try:
        html = fill(template, {**snapshot, "check": CHECK}, templates, drafts)
        if not files:
            return None
        assets = TemplateAssets(templates, {CHECK["image"]: b""})
        for address in sorted({unescape(each) for each in _NAMED.findall(html)}):
            assets.fetch(urljoin(ORIGIN + template + SUFFIX, address))
    except DocumentError as error:
        return error
    return None
