"""Where the templates of documents lie, which of them are parts, and which depend on which."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SUFFIX = ".html"
FOLDERS = ("notices", "certificates", "samples")
"""Below templates/; the pages of the site and all other files are out of reach of documents."""
TITLES = {"notices": "通知书", "certificates": "证照", "samples": "材料样例"}
_NAME = re.compile(rf"({'|'.join(FOLDERS)})/(_?)[a-z][a-z0-9_-]*")
"""A folder and a file in it; a leading underscore marks a part, not a document."""
_NAMED = re.compile(r"""\{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)["']""")


def is_document(name: str) -> bool:
    """Whether `name` (without suffix) can be that of a document."""
    match = _NAME.fullmatch(name)
    return match is not None and not match[2]


def is_template(name: str) -> bool:
    """Whether `name` (without suffix) can be that of a document or of a part."""
    return _NAME.fullmatch(name) is not None


def names(folder: Path) -> tuple[str, ...]:
    """All templates below `folder`, parts included, without suffix, in order."""
    found = (
        f"{place}/{path.stem}"
        for place in FOLDERS
        for path in sorted((folder / place).glob(f"*{SUFFIX}"))
    )
    return tuple(name for name in found if is_template(name))


def text_and_stamp(folder: Path, file: str) -> tuple[str, tuple[int, int]]:
    """The text of a template file (name with suffix) and what changes when it does.

    Raises OSError, for what lies outside too, or UnicodeDecodeError.
    """
    path = located(folder, file)
    before = stamp(path)
    return path.read_text(encoding="utf-8"), before


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; (0, 0) when it is gone."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@dataclass(frozen=True)
class Content:
    """The templates in a folder; equal where the files are, wherever they lie."""

    folder: Path = field(compare=False)
    digest: str


def content(folder: Path) -> Content:
    """What is in a folder of templates now."""
    return Content(folder, digest(folder))


def digest(folder: Path) -> str:
    """SHA-256 over all templates, style sheets and images of documents (64 hex digits)."""
    found = hashlib.sha256()
    for place in FOLDERS:
        for path in sorted((folder / place).glob("*.*")):
            content = path.read_bytes() if path.is_file() else b""
            found.update(f"{place}/{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def read(folder: Path, name: str) -> str:
    """The text of a template; OSError when there is none."""
    return text_and_stamp(folder, name + SUFFIX)[0]


def texts(folder: Path, drafts: Mapping[str, str] | None = None) -> dict[str, str]:
    """All templates by name, drafts (by name with suffix) standing before files."""
    found = {name: read(folder, name) for name in names(folder)}
    return found | {name.removesuffix(SUFFIX): text for name, text in (drafts or {}).items()}


def closure(texts: Mapping[str, str], name: str) -> list[str]:
    """The texts of a template and of all that it uses, however far away."""
    reached, open_ = [name], [name]
    while open_:
        for used in _NAMED.findall(texts.get(open_.pop(), "")):
            part = used.removesuffix(SUFFIX)
            if part not in reached:
                reached.append(part)
                open_.append(part)
    return [texts[each] for each in reached if each in texts]


def dependents(texts: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The documents that a template is, or is used by, however far away."""
    users: dict[str, set[str]] = {}
    for user, text in texts.items():
        for used in _NAMED.findall(text):
            users.setdefault(used.removesuffix(SUFFIX), set()).add(user)
    reached, open_ = {name}, [name]
    while open_:
        new = users.get(open_.pop(), set()) - reached
        reached |= new
        open_ += new
    return tuple(sorted(each for each in reached if is_document(each)))


def located(folder: Path, file: str) -> Path:
    """Where a template file lies; FileNotFoundError for anything that is not one of the folder."""
    path = (folder / file).resolve()
    if (
        not file.endswith(SUFFIX)
        or not is_template(file.removesuffix(SUFFIX))
        or not path.is_relative_to(folder.resolve())
    ):
        raise FileNotFoundError(file)
    return path
