"""Types of fields for things: vehicles, vessels, firearms, works of art, money, places, and how people measure."""

from collections.abc import Mapping

from allpoints.vocabulary.declaration import FieldDeclaration
from allpoints.vocabulary.types.base import FieldType
from allpoints.vocabulary.types.calibre import Calibre
from allpoints.vocabulary.types.call_sign import CallSign
from allpoints.vocabulary.types.coordinates import Coordinates
from allpoints.vocabulary.types.folder import Folder
from allpoints.vocabulary.types.hin import Hin
from allpoints.vocabulary.types.imo import Imo
from allpoints.vocabulary.types.kind import Kind, Surroundings
from allpoints.vocabulary.types.measures import Height, Weight
from allpoints.vocabulary.types.mmsi import Mmsi
from allpoints.vocabulary.types.money import Money
from allpoints.vocabulary.types.period import Period
from allpoints.vocabulary.types.plate import Plate
from allpoints.vocabulary.types.serial import EngineNumber, Serial
from allpoints.vocabulary.types.vin import Vin


def _folder(said: FieldDeclaration, around: Surroundings) -> FieldType:
    return Folder.of(around.lists[said.list].terms.values(), said.list)


THINGS: Mapping[str, Kind] = {
    "vin": Kind(lambda _, around: Vin(around.countries)),
    "plate": Kind(lambda *_: Plate()),
    "engine-number": Kind(lambda *_: EngineNumber()),
    "serial": Kind(lambda *_: Serial()),
    "imo": Kind(lambda *_: Imo()),
    "mmsi": Kind(lambda _, around: Mmsi(around.countries)),
    "call-sign": Kind(lambda *_: CallSign()),
    "hin": Kind(lambda _, around: Hin(around.countries)),
    "calibre": Kind(lambda *_: Calibre()),
    "folder": Kind(_folder, frozenset({"list"}), frozenset({"list"})),
    "period": Kind(lambda *_: Period()),
    "coordinates": Kind(lambda *_: Coordinates()),
    "money": Kind(lambda *_: Money()),
    "height": Kind(lambda *_: Height(), personal=True),
    "weight": Kind(lambda *_: Weight(), personal=True),
}
"""Every type of this page by the name a declaration uses."""
