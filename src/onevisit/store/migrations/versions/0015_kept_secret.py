"""What names a person is kept encrypted, and found by a keyed hash.

What is there is sealed with the writing key of the engine's keyring; an empty database needs none.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op

from onevisit.store.kept import keyring_on, sought
from onevisit.store.packed import unpack

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT, JSON = sa.String(), sa.JSON()
KEPT: dict[str, dict[str, tuple[sa.types.TypeEngine[Any], bool]]] = {
    "account_changes": {"before": (JSON, True), "after": (JSON, True)},
    "accounts": {
        "id_number": (sa.String(18), True),
        "phone": (sa.String(20), True),
        "email": (sa.String(254), True),
    },
    "alerts": {"reasons": (TEXT, True)},
    "appointments": {"place": (TEXT, False), "note": (TEXT, True)},
    "approvals": {"opinion": (TEXT, True), "reasons": (TEXT, True)},
    "authorisations": {
        "agent_name": (sa.String(100), False),
        "named": (sa.String(20), False),
        "code": (sa.String(8), True),
    },
    "bars": {"reasons": (TEXT, False)},
    "cases": {
        "answers": (JSON, False),
        "form": (JSON, False),
        "recipient": (JSON, True),
        "pickup_code": (sa.String(6), True),
    },
    "certificates": {"detail": (JSON, False)},
    "checks": {"note": (TEXT, True), "how": (TEXT, True)},
    "corrections": {"missing": (JSON, False)},
    "dispatches": {
        "address": (sa.String(254), False),
        "subject": (sa.String(200), False),
        "text": (TEXT, False),
        "error": (TEXT, True),
    },
    "documents": {"snapshot": (JSON, False), "error": (TEXT, True)},
    "extensions": {"reasons": (TEXT, False), "answer": (TEXT, True)},
    "findings": {"officers": (JSON, False), "finding": (TEXT, False)},
    "handouts": {"collector": (JSON, False), "tracking_number": (sa.String(40), True)},
    "hearings": {
        "interests": (TEXT, False),
        "parties": (TEXT, True),
        "asked_by": (TEXT, True),
        "place": (TEXT, True),
        "attended": (TEXT, True),
        "record": (TEXT, True),
    },
    "holdings": {"note": (sa.String(300), True)},
    "ledger_entries": {"detail": (JSON, False)},
    "messages": {"title": (sa.String(200), False), "body": (TEXT, False)},
    "owed": {"note": (TEXT, True)},
    "pauses": {"reasons": (TEXT, False)},
    "pledge_checks": {"finding": (TEXT, True)},
    "ratings": {"words": (TEXT, True), "outcome": (TEXT, True)},
    "scans": {"photos": (JSON, False)},
    "shared_facts": {"value": (JSON, False), "said": (JSON, True), "why": (TEXT, True)},
    "shared_reads": {"holder": (sa.String(18), False)},
    "shared_records": {
        "holder": (sa.String(18), False),
        "person": (sa.String(18), False),
        "data": (JSON, False),
    },
    "uploads": {"filename": (sa.String(200), False)},
}
HASHED = {
    "accounts": ("id_number", "phone"),
    "authorisations": ("named",),
    "shared_reads": ("holder",),
    "shared_records": ("holder", "person"),
}
PLAIN_INDEXES = {
    "accounts": [["id_number"]],
    "authorisations": [["named", "state"]],
    "shared_reads": [["holder", "at"]],
    "shared_records": [["source", "person"]],
}
HASH_INDEXES = {
    "accounts": [["id_number_hash"], ["phone_hash"]],
    "authorisations": [["named_hash", "state"]],
    "shared_reads": [["holder_hash", "at"]],
    "shared_records": [["source", "person_hash"]],
}
DECLARED = r"(VARCHAR(\(\d+\))?|TEXT|JSON|BLOB)"
AT_ONCE = 500
COUNTER = "counter-"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "kept_keys",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("search_proof", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_keys")),
    )
    op.add_column("certificates", sa.Column("asked", sa.String(length=16), nullable=True))
    for table, names in HASHED.items():
        _drop_indexes(table, PLAIN_INDEXES)
        for name in names:
            _add_hash(table, name, optional=KEPT[table][name][1])
    if _on_sqlite():
        op.execute("PRAGMA secure_delete = ON")  # what was plain is wiped from the file
        for table in KEPT:
            _rewrite(table, _seal)
        _declare({table: dict.fromkeys(columns, "BLOB") for table, columns in KEPT.items()})
    else:
        for table in KEPT:
            _seal_in_place(table)
    _unique_by("holder_hash", "holder")
    for table in HASHED:
        _create_indexes(table, HASH_INDEXES)


def downgrade() -> None:
    """Undo it."""
    for table in HASHED:
        _drop_indexes(table, HASH_INDEXES)
    for table in KEPT:
        _rewrite(table, _open)
        if not _on_sqlite():
            _alter(table, partial(_plain_type, table))
    if _on_sqlite():
        _declare(
            {
                table: {
                    name: kind.compile(op.get_bind().dialect) for name, (kind, _) in each.items()
                }
                for table, each in KEPT.items()
            }
        )
    _unique_by("holder", "holder_hash")
    for table, names in HASHED.items():
        for name in names:
            op.drop_column(table, f"{name}_hash")
        _create_indexes(table, PLAIN_INDEXES)
    op.drop_column("certificates", "asked")
    op.drop_table("kept_keys")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _declare(types: dict[str, dict[str, str]]) -> None:
    """SQLite keeps each value with a type of its own: only what the tables declare is to change,
    as https://www.sqlite.org/lang_altertable.html shows at its end, instead of copying tables to
    which others refer."""
    bind = op.get_bind()
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    for table, columns in types.items():
        find = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?"
        text = bind.exec_driver_sql(find, (table,)).scalar_one()
        for name, kind in columns.items():
            text, count = re.subn(rf"([\s,(]\"?{name}\"?\s+){DECLARED}", rf"\g<1>{kind}", text)
            if count != 1:
                raise RuntimeError(f"{table}.{name}: declared {count} times")
        change = "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?"
        bind.exec_driver_sql(change, (text, table))
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")


def _seal_in_place(table: str) -> None:
    """PostgreSQL: as bytes, then sealed; then once more, so that no former row stays in the file
    of the table."""
    _alter(table, lambda name: f"bytea USING convert_to({name}::text, 'UTF8')")
    if _rewrite(table, _seal):
        _alter(table, lambda name: f"bytea USING {name} || ''::bytea")
    for name in HASHED.get(table, ()):
        if not KEPT[table][name][1]:
            op.alter_column(table, f"{name}_hash", nullable=False)


def _plain_type(table: str, name: str) -> str:
    kind = KEPT[table][name][0]
    written = kind.compile(op.get_bind().dialect)
    return f"{written} USING convert_from({name}, 'UTF8')::{written}"


def _alter(table: str, into: Callable[[str], str]) -> None:
    changes = ", ".join(f"ALTER COLUMN {name} TYPE {into(name)}" for name in KEPT[table])
    op.execute(sa.text(f"ALTER TABLE {table} {changes}".replace(":", r"\:")))


Change = Callable[[str, dict[str, bytes | None]], dict[str, Any]]
"""From the old bytes of a row of a table to its new values."""


def _rewrite(table: str, change: Change) -> bool:
    """Put every row through `change`; whether there was any."""
    fresh = [f"{name}_hash" for name in HASHED.get(table, ())]
    read = [*KEPT[table], *{"accounts": ["username"]}.get(table, [])]
    written = [*read, *fresh, *{"certificates": ["asked"]}.get(table, [])]
    key = "upload_id" if table == "scans" else "id"
    rows = sa.table(table, *map(sa.column, dict.fromkeys([key, *written])))
    found = False
    for batch in _batches(rows, key, read):
        found = True
        for old in batch:
            values = change(table, {name: _bytes(old[name]) for name in read})
            op.execute(sa.update(rows).where(rows.c[key] == old[key]).values(values))
    return found


def _batches(row: sa.TableClause, key: str, names: list[str]) -> Iterator[list[Any]]:
    bind, last = op.get_bind(), None
    columns = [row.c[name] for name in (key, *names)]
    while True:
        statement = sa.select(*columns).order_by(row.c[key]).limit(AT_ONCE)
        if last is not None:
            statement = statement.where(row.c[key] > last)
        batch = list(bind.execute(statement).mappings())
        if not batch:
            return
        yield batch
        last = batch[-1][key]


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else None if value is None else bytes(value)


def _seal(table: str, old: dict[str, bytes | None]) -> dict[str, Any]:
    ring = keyring_on(op.get_bind().dialect)
    new: dict[str, Any] = {}
    for name in KEPT[table]:
        plain = old[name]
        new[name] = None if plain is None else ring.seal(plain, f"{table}.{name}")
    for name in HASHED.get(table, ()):
        plain = old[name]
        new[f"{name}_hash"] = None if plain is None else ring.digest(sought(plain.decode()))
    if table == "certificates":
        new["asked"] = (json.loads(old["detail"] or b"{}").get("request") or {}).get("kind")
    return new | _username(table, old, old.get("id_number"), ring.digest)


def _open(table: str, old: dict[str, bytes | None]) -> dict[str, Any]:
    ring = keyring_on(op.get_bind().dialect)
    new: dict[str, Any] = {}
    for name in KEPT[table]:
        kept = old[name]
        plain = None if kept is None else unpack(ring.open(kept, f"{table}.{name}"))
        new[name] = plain.decode() if plain is not None and _on_sqlite() else plain
    return new | _username(table, old, _bytes(new.get("id_number")), _plain_hash)


def _plain_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _username(
    table: str, old: dict[str, bytes | None], number: bytes | None, digest: Callable[[str], str]
) -> dict[str, str]:
    """Accounts opened at the counter are called after their number's hash: a keyed one now, as a
    plain one is guessed in seconds."""
    username = (old.get("username") or b"").decode()
    if table != "accounts" or number is None or not username.startswith(COUNTER):
        return {}
    return {"username": COUNTER + digest(sought(number.decode()))[:32]}


def _add_hash(table: str, name: str, *, optional: bool) -> None:
    """A column for the keyed hash; SQLite demands a value for the rows that are there before it is
    filled in."""
    column = sa.Column(f"{name}_hash", sa.String(64), nullable=optional or not _on_sqlite())
    if not column.nullable:
        column.server_default = sa.DefaultClause(sa.text("''"))
    op.add_column(table, column)


def _drop_indexes(table: str, indexes: dict[str, list[list[str]]]) -> None:
    for names in indexes.get(table, ()):
        op.drop_index(f"ix_{table}_{'_'.join(names)}", table_name=table)


def _create_indexes(table: str, indexes: dict[str, list[list[str]]]) -> None:
    for names in indexes.get(table, ()):
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, names)


def _unique_by(name: str, before: str) -> None:
    """Shared records are unique by source and holder: by the plain one or by its hash."""
    table = "shared_records"
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(f"uq_{table}_source_{before}", type_="unique")
        batch.create_unique_constraint(f"uq_{table}_source_{name}", ["source", name])
