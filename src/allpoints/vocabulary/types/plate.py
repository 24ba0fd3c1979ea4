"""What a registration plate says."""

from collections.abc import Sequence
from typing import ClassVar

from allpoints.vocabulary.tables.plates import PLATE_SHAPES, shape_of
from allpoints.vocabulary.types.stamped import Stamped


class Plate(Stamped, frozen=True):
    """A registration plate without its spaces; letters that look Latin are, those of other scripts stay.

    Plates of two countries may read the same: a plate is searched with its country.
    """

    name: ClassVar[str] = "plate"
    what: ClassVar[str] = "A registration plate"
    longest: ClassVar[int] = 16
    latin: ClassVar[bool] = False

    def advice_beside(self, value: str, beside: Sequence[str]) -> tuple[str, ...]:
        """What is unusual about a plate of the country beside it; nothing where no shapes are declared."""
        country = beside[0] if beside else ""
        shapes = PLATE_SHAPES.get(country)
        if not shapes or shape_of(value) in shapes:
            return ()
        return (f"Plates of {country} read like {' or '.join(shapes)}; this one does not.",)

    @property
    def examples(self) -> tuple[str, ...]:
        return ("AB123CD", "1234AB")
