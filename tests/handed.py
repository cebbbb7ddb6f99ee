"""Files as people hand them in: a whole PDF, a whole OFD, and the kinds that are refused."""

import io
import zipfile
from collections.abc import Iterable


def pdf(*objects: bytes, root: bytes = b"", tail: bytes = b"") -> bytes:
    """A PDF of one empty page with a right table of objects; `objects` come from number 4 on,
    `root` goes into the catalog and `tail` into the trailer."""
    whole = [
        b"<</Type/Catalog/Pages 2 0 R" + root + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        *objects,
    ]
    made, places = b"%PDF-1.7\n% fictional\n", []
    for number, each in enumerate(whole, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(whole) + 1)
    trailer = b"trailer\n<</Size %d/Root 1 0 R%b>>\n" % (len(whole) + 1, tail)
    return made + head + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(made)


def stream(keys: bytes, data: bytes) -> bytes:
    """A PDF object that holds data."""
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (keys, len(data), data)


def ofd(more: Iterable[tuple[str, bytes]] = ()) -> bytes:
    """A small OFD (GB/T 33190): a ZIP archive with OFD.xml at the top, and `more` entries."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        namespace = "http://www.ofdspec.org/2016"
        archive.writestr("OFD.xml", f'<ofd:OFD xmlns:ofd="{namespace}" Version="1.0"/>')
        archive.writestr("Doc_0/Document.xml", f'<ofd:Document xmlns:ofd="{namespace}"/>')
        for name, content in more:
            archive.writestr(name, content)
    return kept.getvalue()


PDF = pdf()
