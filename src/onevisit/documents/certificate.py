"""Numbers for electronic certificates that anybody can check (GB/T 36904-2018 证照标识).

1.2.156.3005.2.{type}.{issuer}.{serial}.{version}.{check}
- type: unified social credit code of the authority in charge (18) + 3 digits of its own;
- issuer: unified social credit code of the issuing body (18);
- serial: digits and capital letters, given by the issuer; version: 3 digits, 001 the first;
- check: ISO 7064 MOD 37,36 over type, issuer, serial and version without dots. The root
  1.2.156.3005.2 is not part of it: the standard's published examples only agree that way.
"""

import re

from stdnum.iso7064 import mod_37_36

from onevisit.documents.errors import BadCertificateNumber

ROOT = "1.2.156.3005.2"
_USCC = "[0-9A-HJ-NPQRTUWXY]{18}"
_SHAPE = re.compile(
    rf"{re.escape(ROOT)}\.({_USCC}[0-9]{{3}})\.({_USCC})\.([0-9A-Z]{{1,64}})\.([0-9]{{3}})\.([0-9A-Z])"
)


def certificate_number(
    authority: str, kind: int, issuer: str, serial: str, version: int = 1
) -> str:
    """The identifier of one certificate, with its check character.

    authority, issuer: unified social credit codes (18 characters); kind: 1–999, the authority's
    own number for this type of certificate; version: 1–999, counted up when it is issued again.
    Raises BadCertificateNumber. The codes' own check characters are left to whoever keeps the
    register of departments, because codes in use do not all pass.
    """
    if not (1 <= kind <= 999 and 1 <= version <= 999):
        raise BadCertificateNumber(f"证照类型序号{kind}、版本号{version}应当在1至999之间。")
    parts = [f"{authority}{kind:03d}", issuer, serial, f"{version:03d}"]
    number = ".".join([ROOT, *parts, "0"])
    if not _SHAPE.fullmatch(number):
        raise BadCertificateNumber(f"“{'.'.join(parts)}”不能组成电子证照标识。")
    return number[:-1] + mod_37_36.calc_check_digit("".join(parts))


def next_certificate_number(number: str) -> str:
    """The identifier of the same certificate when it is issued again: version + 1, all else kept.

    Raises BadCertificateNumber, also after version 999.
    """
    kind, issuer, serial, version, _ = _parts(number)
    return certificate_number(kind[:18], int(kind[18:]), issuer, serial, int(version) + 1)


def check_certificate_number(number: str) -> None:
    """Raises BadCertificateNumber, saying why, unless `number` is well formed and checks."""
    if not mod_37_36.is_valid("".join(_parts(number))):
        raise BadCertificateNumber(f"电子证照标识“{number}”的校验位不符。")


def _parts(number: str) -> tuple[str, ...]:
    """Type, issuer, serial, version and check character; BadCertificateNumber."""
    match = _SHAPE.fullmatch(number)
    if not match:
        raise BadCertificateNumber(f"“{number}”不是电子证照标识。")
    return match.groups()
