"""What ISO 19005-3 (PDF/A-3, level U) asks of a file, as far as our papers can break it.

Written from the standard's clauses, read with qpdf (pikepdf) and fontTools: not by the libraries
that make the papers. Each rule is a generator of faults; `faults` gives them with their clauses.
"""

from collections.abc import Iterator
from io import BytesIO

import pikepdf

from unit.documents.pdfa import content, enclosed, fonts, outline, signing

RULES = {
    "6.1": outline.file_structure,
    "6.1.7": outline.streams,
    "6.1.13": outline.limits,
    "6.2.3": outline.output_intent,
    "6.2": content.graphics,
    "6.2.2": content.operators,
    "6.2.8": content.images,
    "6.2.11": fonts.embedded,
    "6.2.11.7": fonts.characters,
    "6.3": signing.annotations,
    "6.4": signing.forms,
    "6.5": outline.actions,
    "6.6": outline.metadata,
    "6.8": enclosed.files,
}


def faults(pdf: bytes) -> list[str]:
    """Every fault found, as "clause: what"; none when the file keeps all the rules."""
    return list(_found(pdf))


def _found(pdf: bytes) -> Iterator[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        if opened.is_encrypted:
            yield "6.1.3: encrypted"
        for problem in opened.check_pdf_syntax():
            yield f"6.1: {problem}"
        for clause, rule in RULES.items():
            for fault in rule(opened, pdf):
                yield f"{clause}: {fault}"
