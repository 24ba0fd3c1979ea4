"""What a node keeps of its mail, sealed under its own storage key: a copy of the database alone shows nothing of it."""

from allpoints.sealing import wrapping

_LABEL = b"allpoints/at-rest/1"


def seal_at_rest(key: bytes, place: bytes, content: bytes) -> bytes:
    """Seal what stands at ``place`` (its table and its name there), so that it opens nowhere else."""
    return wrapping.seal_body(key, content, _LABEL + place)


def open_at_rest(key: bytes, place: bytes, sealed: bytes) -> bytes:
    """What was sealed at this place; ``CANNOT-OPEN`` for anything else."""
    return wrapping.open_body(key, sealed, _LABEL + place)
