"""Numbers that makers give: of firearms and other things, and of engines."""

from typing import ClassVar

from allpoints.vocabulary.types.stamped import Stamped


class Serial(Stamped, frozen=True):
    """The serial number of a firearm or another thing; it means little without the maker."""

    name: ClassVar[str] = "serial"
    what: ClassVar[str] = "A serial number"
    latin: ClassVar[bool] = False

    @property
    def examples(self) -> tuple[str, ...]:
        return ("A123456", "00417")


class EngineNumber(Stamped, frozen=True):
    """The number stamped on an engine, often with the engine's type in front."""

    name: ClassVar[str] = "engine-number"
    what: ClassVar[str] = "An engine number"
    shortest: ClassVar[int] = 2
    latin: ClassVar[bool] = False

    @property
    def examples(self) -> tuple[str, ...]:
        return ("BKC123456", "07K000321")
