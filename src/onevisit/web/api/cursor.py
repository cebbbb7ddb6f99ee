"""Where a list goes on, as a word that needs no thought about escaping in an address."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def cursor_of(place: str | None) -> str | None:
    """The word for a place that a view told; None at the end of the list."""
    return None if place is None else urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str | None:
    """The place that a word stands for; None for the beginning. A word that is none of ours comes
    out as a place that no view knows."""
    try:
        text = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
    except ValueError:
        return "?"
    return text if text or not cursor else "?"
