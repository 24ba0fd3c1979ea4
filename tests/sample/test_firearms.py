"""Firearms are of the reference table."""

from collections import Counter

from allpoints.sample.countries import countries
from allpoints.sample.firearms import Firearms, references
from allpoints.sample.world import World
from allpoints.vocabulary.types.calibre import Calibre


def test_the_reference_table_has_calibres_that_are_known_by_these_names() -> None:
    known = references()
    assert len({one.ref for one in known}) == len(known) > 20
    assert len({(one.maker.make, one.model.model) for one in known}) == len(known)
    members = {one.code for one in countries()}
    for one in known:
        assert Calibre().clean(one.model.calibre, "") == one.model.calibre
        assert one.maker.country in members


def test_a_serial_tells_one_weapon_of_a_make_from_another(world: World) -> None:
    found = [one for member in countries() for one in Firearms(world, member)]
    serials = Counter((one.reference.maker.make, one.serial) for one in found)
    assert max(serials.values()) == 1
    assert all(one.reference.model.begun <= one.year for one in found)
    assert all(one.lost_on <= world.today.isoformat() for one in found)
