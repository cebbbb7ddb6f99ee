"""How alembic reaches the database: always through the connection that `migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from onevisit.store.columns import UtcDateTime
from onevisit.store.tables import METADATA


def plain_types(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write plain SQLAlchemy types into new migrations, so that they outlive our own classes."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
if connection is None:
    raise RuntimeError("run migrations with `onevisit migrate`, not with the alembic command")
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=plain_types,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
