"""The types of fields about people, what they leave behind, and files."""

from collections.abc import Mapping

from allpoints.vocabulary.declaration import FieldDeclaration
from allpoints.vocabulary.types.attachment import File, Image
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.digest import Md5, Sha1, Sha256
from allpoints.vocabulary.types.email import EMail
from allpoints.vocabulary.types.kind import Kind, Surroundings
from allpoints.vocabulary.types.machine_readable_zone import MachineReadableZone
from allpoints.vocabulary.types.pdq import Pdq
from allpoints.vocabulary.types.phone import Phone
from allpoints.vocabulary.types.scripted_name import ScriptedName
from allpoints.vocabulary.types.str_profile import StrProfile
from allpoints.vocabulary.types.wallet import Wallet


def _kind(of: type[FieldType]) -> Kind:
    return Kind(lambda *_: of(), personal=of.personal)


def _scripted_name(said: FieldDeclaration, _: Surroundings) -> FieldType:
    return ScriptedName(said.max) if said.max else ScriptedName()


PEOPLE: Mapping[str, Kind] = {
    ScriptedName.name: Kind(_scripted_name, frozenset({"max"}), personal=True),
    **{
        of.name: _kind(of)
        for of in (
            MachineReadableZone,
            StrProfile,
            Pdq,
            Sha256,
            Sha1,
            Md5,
            Phone,
            EMail,
            Wallet,
            File,
            Image,
        )
    },
}
"""By the name a declaration uses."""
