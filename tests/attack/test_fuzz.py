"""Whatever comes in (services, forms, files, templates) meets our own words, never our own fault:
mutations of good ones, and the corpus of bad ones that once were of interest."""

import io
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import handed
from onevisit.catalog.folder import load, read_texts
from onevisit.definition.form import Form
from onevisit.definition.keys import KINDS
from onevisit.definition.parse import parse
from onevisit.definition.problem import DefinitionError
from onevisit.documents import inspection, scan, tryout
from onevisit.documents.errors import DocumentError
from onevisit.documents.fill import SUFFIX, fill
from onevisit.documents.inspection import Unsafe
from onevisit.documents.scan import BadPhoto
from onevisit.documents.tryout import Trial

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
GOOD = sorted((ROOT / "workflows").glob("*.yaml")) + sorted((ROOT / "forms").glob("*.yaml"))
NAME = "notices/fuzz" + SUFFIX
quick = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
cuts = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=12)),
    min_size=1,
    max_size=6,
)
"""Where a good file is cut (wrapped around), how much is left out, and what comes in instead."""


def mutated(good: bytes, where: list[tuple[int, int, bytes]]) -> bytes:
    """The good file with pieces of it replaced."""
    for place, length, other in where:
        at = place % (len(good) + 1)
        good = good[:at] + other + good[at + length :]
    return good


def pictures() -> dict[str, bytes]:
    """A small photo of each kind."""
    found = {}
    for kind in ("JPEG", "PNG", "WEBP"):
        kept = io.BytesIO()
        Image.effect_noise((64, 48), 80).save(kept, kind)
        found[kind] = kept.getvalue()
    return found


HANDED = {
    "pdf": handed.PDF,
    "pdf with data": handed.pdf(
        b"<</Type/Filespec/EF<</F 5 0 R>>>>",
        handed.stream(b"/Filter/FlateDecode", zlib.compress(b"<a/>")),
        root=b"/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>",
    ),
    "ofd": handed.ofd([("Doc_0/Res/a.xml", b"<a/>" * 50)]),
}


@quick
@given(which=st.sampled_from(sorted(HANDED)), where=cuts)
def test_files(which: str, where: list[tuple[int, int, bytes]]) -> None:
    try:
        inspection.check_safe(io.BytesIO(mutated(HANDED[which], where)))
    except Unsafe as unsafe:
        assert str(unsafe) in inspection.WORDS.values()
        assert str(unsafe) != inspection.WORDS["heavy"], "a small file must not break the process"


@quick
@given(which=st.sampled_from(("JPEG", "PNG", "WEBP")), where=cuts)
def test_photos(which: str, where: list[tuple[int, int, bytes]]) -> None:
    try:
        page = scan.page_of(io.BytesIO(mutated(pictures()[which], where)), "演示")
    except BadPhoto:
        return
    assert page.jpeg.startswith(b"\xff\xd8") and page.width <= scan.LONGEST


@quick
@given(which=st.sampled_from(GOOD), where=cuts)
def test_services(which: Path, where: list[tuple[int, int, bytes]]) -> None:
    kind, _ = KINDS["form" if which.parent.name == "forms" else "workflow"]
    try:
        parse(mutated(which.read_bytes(), where), which.name, kind)
    except DefinitionError as error:
        assert error.problems


@pytest.mark.parametrize("path", sorted((CORPUS / "workflows").iterdir()), ids=lambda p: p.stem)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_bad_services(path: Path, kind: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(path.read_bytes(), path.name, KINDS[kind][0])
    assert all(problem.line >= 0 for problem in caught.value.problems)


@cache
def restaurant() -> Form:
    """The form of one service."""
    texts, _ = read_texts(ROOT)
    return load("workflows/open_restaurant.yaml", texts).definition.form


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@quick
@given(data=st.data())
def test_forms(data: Any) -> None:
    form = restaurant()
    names = st.sampled_from([field.id for field in form.fields]) | st.text(max_size=10)
    typed: Mapping[str, Any] = data.draw(st.dictionaries(names, values, max_size=8))
    for fault in form.check(typed):
        assert fault.message
    pairs = data.draw(st.lists(st.tuples(names, st.text(max_size=30)), max_size=10))
    form.check(form.read(pairs))


@quick
@given(text=st.text(alphabet="{}%|._[]()'\" abtitle0123456789*+-~<>/=:,\n", max_size=80))
def test_templates(text: str) -> None:
    snapshot = {"title": "演示文书", "items": [{"title": "演示"}], "number": 7}
    try:
        filled = fill("notices/fuzz", snapshot, ROOT / "templates", {NAME: text})
    except DocumentError:
        return
    assert len(filled) < 10_000


@pytest.mark.parametrize("path", sorted((CORPUS / "templates").iterdir()), ids=lambda p: p.stem)
def test_bad_templates(path: Path) -> None:
    drafts = {NAME: path.read_text()}
    if path.stem != "asset":
        with pytest.raises(DocumentError):
            fill("notices/fuzz", {"title": "演示文书"}, ROOT / "templates", drafts)
        return
    trial = Trial("演示", "notices/fuzz", {"title": "演示文书"}, laid_out=True)
    assert tryout.check(ROOT / "templates", drafts, [trial]).faults
