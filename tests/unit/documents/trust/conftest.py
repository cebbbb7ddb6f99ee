"""Papers made once: of two departments of one city, and what is needed to make others."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509

from onevisit.documents import Press, Seals, sample_snapshot
from onevisit.documents.format import BEIJING
from onevisit.documents.trust.signing import Place, Signing, sign
from unit.documents.trust.authority import (
    ADDRESS,
    OFFICE,
    OTHER_OFFICE,
    OTHER_USCC,
    TEMPLATES,
    USCC,
)

MOMENT = datetime(2026, 11, 21, 10, tzinfo=BEIJING)
Paper = Callable[[Seals], bytes]


def certificate(**changes: Any) -> dict[str, Any]:
    """The snapshot of a certificate."""
    return {**sample_snapshot("certificate", "演示经营许可证"), **changes}


@pytest.fixture(scope="session")
def seals(tmp_path_factory: pytest.TempPathFactory) -> Seals:
    """The seals of a demonstration."""
    return Seals(tmp_path_factory.mktemp("demo") / "seals")


@pytest.fixture(scope="session")
def roots(seals: Seals) -> list[x509.Certificate]:
    """Whom a stranger trusts in that demonstration."""
    return seals.roots()


@pytest.fixture(scope="session")
def unsigned() -> bytes:
    """The sample certificate as laid out, which takes longest."""
    return Press(TEMPLATES, None, ADDRESS).make("certificates/standard", certificate())


@pytest.fixture(scope="session")
def made(unsigned: bytes) -> Paper:
    """Puts somebody's seal under the sample certificate, as the press does."""

    def make(seals: Seals) -> bytes:
        signing = Signing(OFFICE, "演示", "示例市", MOMENT, seals.timestamps)
        return sign(unsigned, seals.seal(USCC, OFFICE), signing, Place(0, (400, 60, 500, 160)))

    return make


@pytest.fixture(scope="session")
def paper(seals: Seals) -> bytes:
    """A genuine certificate of one department."""
    return Press(TEMPLATES, seals, ADDRESS).make("certificates/standard", certificate())


@pytest.fixture(scope="session")
def other_paper(seals: Seals) -> bytes:
    """A genuine certificate of the other department, for somebody else."""
    snapshot = certificate(authority={"title": OTHER_OFFICE, "uscc": OTHER_USCC})
    snapshot["certificate"] = {**snapshot["certificate"], "holder": "示例市演示乙商店"}
    return Press(TEMPLATES, seals, ADDRESS).make("certificates/standard", snapshot)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a city's own seals."""
    path = tmp_path / "seals"
    path.mkdir(mode=0o700)
    return path
