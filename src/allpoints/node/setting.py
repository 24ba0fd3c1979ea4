"""What one setting is."""

from typing import Any, NamedTuple

PREFIX = "ALLPOINTS_"


class Setting(NamedTuple):
    """One setting: where it stands in the file, its type and default, and what it does."""

    section: str
    name: str
    kind: type
    default: Any
    sentence: str

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        return PREFIX + self.path.replace(".", "_").upper()
