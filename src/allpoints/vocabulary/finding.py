"""What a body is found by: keys, values known in part, names, words and facets, as its register declares."""

from collections.abc import Iterator
from typing import Any

import msgspec

from allpoints.vocabulary.identifying import Key
from allpoints.vocabulary.machine import Machine
from allpoints.vocabulary.normal import folded_name
from allpoints.vocabulary.types.listing import Listing, element_of


class Findable:
    """A register as far as its records are found."""

    __slots__ = ()
    machine: Machine

    def keys(self, body: msgspec.Struct) -> list[Key]:
        """Everything the body is found under, without repetition."""
        keyers = self.machine.keyers
        if len(keyers) == 1:
            return keyers[0](body)
        found: list[Key] = []
        for keyer in keyers:
            found += keyer(body)
        return found if len(found) < 2 else list(dict.fromkeys(found))

    @property
    def is_marked(self) -> bool:
        """Whether records are found by anything beside keys and names."""
        machine = self.machine
        return bool(machine.facets or machine.text or machine.partials)

    def partials(self, body: msgspec.Struct) -> list[Key]:
        """The values of the body that may be asked for in part, without what stands beside them."""
        return [key for keyer in self.machine.partials for key in keyer(body)]

    def names(self, body: msgspec.Struct) -> list[str]:
        """The names a search finds the body under, folded; lists count each value as a name."""
        found: dict[str, None] = {}
        for group in self.machine.names:
            values = [getattr(body, name) for name in group]
            if len(values) == 1:
                found.update(dict.fromkeys(folded_name(form) for form in self._forms(group[0], values[0])))
            else:
                found[folded_name(" ".join(value for value in values if value))] = None
        found.pop("", None)
        return list(found)

    def words(self, body: msgspec.Struct) -> list[str]:
        """The folded words of the fields that are searched by text, each once, in order."""
        found: dict[str, None] = {}
        for name in self.machine.text:
            for form in self._forms(name, getattr(body, name)):
                found.update(dict.fromkeys(folded_name(form).split()))
        return list(found)

    def _forms(self, name: str, value: Any) -> Iterator[str]:
        kind = self.machine.types[name]
        if value == kind.absent:
            return
        if isinstance(kind, Listing):
            for one in value:
                yield from kind.of.forms(one)
        else:
            yield from kind.forms(value)

    def facets(self, body: msgspec.Struct) -> list[tuple[str, str]]:
        """Field and normal value of everything records of this register are filtered by and counted."""
        found: list[tuple[str, str]] = []
        for name in self.machine.facets:
            value, kind = getattr(body, name), self.machine.types[name]
            if value != kind.absent:
                of = element_of(kind)
                found += [(name, of.normal(one)) for one in (value if of is not kind else (value,))]
        return found
