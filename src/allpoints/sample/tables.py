"""Every file of the world, in the order in which a bureau would bring them in."""

from allpoints.sample import (
    administrative,
    alerts,
    art,
    documents,
    exhibits,
    firearms,
    hashes,
    persons,
    piracy,
    prints,
    radiological,
    samples,
    specimens,
    vehicles,
    vessels,
)
from allpoints.sample.table import Table

TABLES: tuple[Table, ...] = (
    *persons.TABLES,
    documents.TABLE,
    hashes.TABLE,
    prints.TABLE,
    samples.TABLE,
    *prints.FACE_TABLES,
    administrative.TABLE,
    alerts.TABLE,
    specimens.TABLE,
    vehicles.TABLE,
    vessels.TABLE,
    art.TABLE,
    firearms.TABLE,
    firearms.REFERENCE_TABLE,
    exhibits.TABLE,
    piracy.TABLE,
    samples.FAMILY_TABLE,
    radiological.TABLE,
    specimens.CIVIL_TABLE,
)

REGISTERS = tuple(dict.fromkeys(one.register for one in TABLES))
"""The registers of the world, by name."""
