"""Numbers, codes and names as people type them from paper, brought to the form in which we keep
them: full-width or lower case, with spaces, with O for 0 and I or l for 1."""

import re
import unicodedata

from onevisit.documents.certificate import ROOT

_LOOKALIKE = str.maketrans("OIL", "011")
_BRACKETS = str.maketrans("([{【〖［（)]}】〗］）", "〔〔〔〔〔〔〔〕〕〕〕〕〕〕")
_NOTICE = re.compile(r"(.+)〔(\d{4})〕第?0*(\d{1,6})号?")
_DOTS = "·•・‧∙⋅."
"""What stands between the parts of a name like 买买提·艾力, as keyboards have it."""


def numbers(typed: str) -> tuple[str, ...]:
    """The numbers that somebody may mean, the likeliest first.

    Of a certificate's identifier (GB/T 36904) the check character may be any digit or letter;
    before it O and I occur nowhere: credit codes have neither, serials are digits.
    """
    text = _plain(typed)
    if not text:
        return ()
    shape = _NOTICE.fullmatch(text.translate(_BRACKETS))
    if shape is not None:
        title, year, serial = shape.groups()
        return (f"{title}〔{year}〕{int(serial):06d}号",)
    dotted = text.upper().replace("。", ".")
    if not dotted.translate(_LOOKALIKE).startswith(ROOT):
        return (text,)
    body, check = dotted[:-1].translate(_LOOKALIKE), dotted[-1]
    return tuple(dict.fromkeys((dotted, body + check, body + _other(check))))


def code(typed: str) -> str:
    """A check code: Crockford's base 32 has no I, L or O, so that these can only be slips."""
    text = _plain(typed).upper().replace("-", "")
    return text.translate(_LOOKALIKE)


def name(typed: str) -> str:
    """A name for comparison: no spaces, no dots between its parts."""
    return "".join(each for each in _plain(typed) if each not in _DOTS).casefold()


def _other(check: str) -> str:
    """The character that a check character is mistaken for."""
    return {"O": "0", "0": "O", "I": "1", "1": "I"}.get(check, check)


def _plain(typed: str) -> str:
    """Half-width, without spaces or what cannot be seen."""
    text = unicodedata.normalize("NFKC", typed)
    return "".join(
        each for each in text if not each.isspace() and unicodedata.category(each) != "Cf"
    )
