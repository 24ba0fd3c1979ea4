"""Every file of the world, in the order in which registers are numbered."""

from allpoints.sample import documents, persons
from allpoints.sample.table import Table

TABLES: tuple[Table, ...] = (*persons.TABLES, documents.TABLE)

REGISTERS = tuple(dict.fromkeys(one.register for one in TABLES))
"""The registers of the world, by name."""
