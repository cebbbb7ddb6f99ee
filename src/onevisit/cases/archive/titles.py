"""What the chains of a case's ledger and their states are called."""

from onevisit.cases import wording
from onevisit.cases.archive.collect import Record
from onevisit.cases.dossier import OF_A_CERTIFICATE
from onevisit.engine import CASE


def title(record: Record, region: str) -> str:
    """The case, an item or an item's certificate in words; the region itself when what the rows
    say today no longer selects the item."""
    if region == CASE:
        return "整件"
    key = region.removeprefix(OF_A_CERTIFICATE)
    parts = record.dossier.selection.parts
    found = next((wording.item_title(part) for part in parts if part.key == key), key)
    return f"{found}的证照" if region.startswith(OF_A_CERTIFICATE) else found


def titles(record: Record) -> dict[str, str]:
    """The titles of all chains."""
    return {row.chain: title(record, row.chain) for row in record.chained}


def states(record: Record, region: str) -> dict[str, str]:
    """The titles of the states that a chain can be in."""
    if region.startswith(OF_A_CERTIFICATE):
        life = record.dossier.definition.lifecycle.certificate
        return {name: state.title for name, state in life.states.items()} if life else {}
    table = record.dossier.chart.tables.get(region)
    return {name: state.title for name, state in table.states.items()} if table else {}
