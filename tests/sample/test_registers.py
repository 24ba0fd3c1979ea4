"""Every row of a small world is accepted by its register, with its handling, from the member whose file it is in."""

from collections.abc import Iterator, Mapping

import msgspec
import pytest

from allpoints.sample.countries import SECRETARIAT
from allpoints.sample.table import Table, cell
from allpoints.sample.tables import TABLES
from allpoints.sample.world import World
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Register

VOCABULARY = load()


def rows(world: World, table: Table) -> Iterator[tuple[str, Mapping[str, object]]]:
    """All rows of all members with the name of the folder they are written into."""
    for member in world.members:
        for row in table.rows(world, member):
            yield SECRETARIAT if table.by_secretariat else member.code, row


def as_read(table: Table, row: Mapping[str, object]) -> dict[str, object]:
    """What the import gets: a CSV has texts only, and empty cells are left out."""
    if not table.columns:
        return dict(msgspec.json.decode(msgspec.json.encode(row), type=dict[str, object]))
    cells = {name: cell(value) for name, value in row.items()}
    return {name: text for name, text in cells.items() if text}


@pytest.fixture(params=TABLES, ids=lambda one: one.file)
def table(request: pytest.FixtureRequest) -> Table:
    found: Table = request.param
    return found


@pytest.fixture
def register(table: Table) -> Register:
    return VOCABULARY.registers[table.register]


def test_the_columns_are_those_of_the_register(table: Table, register: Register) -> None:
    assert set(table.columns) <= set(register.columns())
    required = {field.name for field in register.fields if field.required}
    assert not table.columns or required <= set(table.columns)


def test_every_row_is_clean_and_comes_from_who_may_write_it(
    world: World, table: Table, register: Register
) -> None:
    count = 0
    for member, row in rows(world, table):
        assert not table.columns or set(row) <= set(table.columns)
        body = register.clean(as_read(table, row))
        register.check_entry(body, table.handling, world.today)
        register.may_write(member, body, SECRETARIAT)
        count += 1
    assert count


def test_every_record_has_a_reference_of_its_own(world: World, table: Table) -> None:
    refs = [(member, row["source_ref"]) for member, row in rows(world, table)]
    assert len(set(refs)) == len(refs)


def test_a_file_fills_every_column_that_it_has(table: Table) -> None:
    left = set(table.columns)
    for _, row in rows(World(7), table):
        left -= {name for name, value in row.items() if cell(value)}
        if not left:
            break
    assert not left


def test_every_register_of_the_program_has_its_files() -> None:
    assert {one.register for one in TABLES} == set(VOCABULARY.registers)
