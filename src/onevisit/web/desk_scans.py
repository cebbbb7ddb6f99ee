"""Keeps what a clerk scanned at the counter, file by file: one that is refused stops no other."""

from collections.abc import Callable, Iterable
from uuid import UUID

from starlette.requests import Request

from onevisit.cases import Context
from onevisit.cases.errors import Invalid
from onevisit.definition.form import FieldError
from onevisit.store.files import TooLarge
from onevisit.web.edge import site_of, transaction
from onevisit.web.uploads import as_files
from onevisit.web.walk_in_form import Sent

Attach = Callable[[Context, UUID, str, str, Iterable[bytes], int], object]
"""A verb that keeps one file: case, material, its name, its content, the limit in bytes."""


def keep(request: Request, case_id: UUID, sent: Sent, attach: Attach) -> list[FieldError]:
    """Keep every scan; what cannot be kept is told beside its material, the rest stays."""
    errors, limit = [], site_of(request).upload_limit
    for material_id, handed in sent.scans.items():
        path = f"material.{material_id}"
        errors += [FieldError(path, str(each)) for each in handed.refused]
        for name, chunks in as_files(handed):
            try:
                with transaction(request) as ctx:
                    attach(ctx, case_id, material_id, name, chunks, limit)
            except TooLarge as too_large:
                errors.append(FieldError(path, str(too_large)))
            except Invalid as invalid:
                errors += invalid.errors
    return errors
