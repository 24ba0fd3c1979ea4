"""The registers: their index, one as a table, and the form of a record."""

from allpoints.ground.refusal import Fault
from allpoints.web.views.common import Cell, FormSection, Input, Link, Reason, State, View


class RegisterTile(View, frozen=True, kw_only=True):
    """One register; ``may_write`` offers its form and its import template."""

    name: str
    short: str
    label: str
    holds: str
    href: str
    records: int
    """Valid records that this node holds."""
    rights: tuple[State, ...]
    may_write: bool = False


class RegistersPage(View, frozen=True, kw_only=True):
    tiles: tuple[RegisterTile, ...]


class RegisterRow(View, frozen=True, kw_only=True):
    """A record of a table; ``cells`` stand under the table's columns, the first of them leads to the record."""

    href: str
    title: str
    cells: tuple[Cell, ...]
    owner: str
    reference: str
    published_ms: int


class RegisterPage(View, frozen=True, kw_only=True):
    """POST: the inputs. Filters alone become an address; what else was asked for stays out of addresses.

    ``warnings`` name values that merely look alike; they are no results.
    """

    name: str
    label: str
    holds: str
    columns: tuple[str, ...]
    rows: tuple[RegisterRow, ...] = ()
    inputs: tuple[Input, ...] = ()
    errors: tuple[Fault, ...] = ()
    asked: bool = False
    """Whether something was asked for beside filters."""
    chosen: tuple[Link, ...] = ()
    """Each chosen filter, leading to the table without it."""
    warnings: tuple[Reason, ...] = ()
    more: str = ""
    """Address of the next page."""
    crowded: bool = False
    may_write: bool = False


class RecordFormPage(View, frozen=True, kw_only=True):
    """POST (multipart where there are files): the inputs of all sections, by the vocabulary's names."""

    register: str
    register_label: str
    reference: str = ""
    """The record that is changed; empty for a new one."""
    back: Link
    sections: tuple[FormSection, ...]
    errors: tuple[Fault, ...] = ()
    files: bool = False
