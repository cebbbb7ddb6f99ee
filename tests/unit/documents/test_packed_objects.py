"""What acts by itself is found in packed objects that no table of the file leads to."""

import io
import zlib

import handed
from onevisit.documents.inspection import Unsafe, check_safe


def refused(said: bytes) -> bool:
    """Whether a PDF is refused that has this packed in it, listed nowhere."""
    packed = handed.stream(b"/Type/ObjStm/N 0/First 0/Filter/FlateDecode", zlib.compress(said))
    try:
        check_safe(io.BytesIO(handed.pdf(packed)))
    except Unsafe as unsafe:
        return bool(str(unsafe))
    return False


def test_nothing_hides_among_packed_objects() -> None:
    assert refused(b"<</S/JavaScript/JS(app.alert(1))>>")
    assert refused(b"<</S/Java#53cript/JS(app.alert(1))>>")
    assert refused(b"<</S/Launch/F(a.exe)")
    assert not refused(b"<</Title(a plan)>>")
