"""What a material should look like (样例): a paper of nobody's, for everybody to look at first."""

from functools import lru_cache
from pathlib import Path

from onevisit.documents import shelf
from onevisit.documents.render import render
from onevisit.documents.sample import sample_snapshot
from onevisit.documents.variants import Variant

FOLDER = "samples"
VARIANT = Variant("样例", sample_snapshot("sample", shelf.TITLES[FOLDER]))
"""What templates of samples are filled with: they hold their own, plainly fictional, words."""


def specimen(name: str, templates: Path) -> bytes:
    """The PDF of the sample `name`, made once as long as no template changes.

    Raises DocumentError, of which UnknownTemplate when there is no such sample.
    """
    return made(name, shelf.content(templates))


@lru_cache(maxsize=64)
def made(name: str, content: shelf.Content) -> bytes:
    """As `specimen`, of templates that were read already."""
    return render(f"{FOLDER}/{name}", VARIANT.snapshot, content.folder)
