"""What has been done, as those who did it know: only what was answered with success counts."""

from dataclasses import dataclass, field

from tests.simulator import keys

from allpoints.border.verdict import Answer
from allpoints.registers.record import record_id

EVERYONE = (keys.DESK, *keys.BUREAUS)


@dataclass
class Version:
    """One acknowledged act on a record, and from whom it was kept."""

    gone: bool
    excluded: tuple[str, ...]


@dataclass
class Record:
    """One record of one owner, version by version."""

    owner: str
    register: str
    ref: str
    fields: dict[str, object]
    versions: list[Version] = field(default_factory=list)
    blocked: bool = False
    """What the secretariat said last."""

    @property
    def identity(self) -> bytes:
        return record_id(self.register, self.owner, self.ref)

    @property
    def gone(self) -> bool:
        return self.versions[-1].gone

    def status_at(self, version: int) -> set[str]:
        """How this version may stand at who holds it, once all is quiet."""
        if self.versions[version - 1].gone:
            return {"withdrawn"}
        if keys.DESK in self.versions[version - 1].excluded:
            # The secretariat knows nothing of this life of it, and can tell nobody more than it told before.
            return {"valid", "blocked"}
        return {"blocked" if self.blocked else "valid"}

    def seen_by(self, name: str) -> int:
        """The newest version that ``name`` may know; 0 when it may know none, or was shut out of those before."""
        seen = 0
        for at, one in enumerate(self.versions, 1):
            if name not in one.excluded:
                seen = at
            elif self._shuts_out(at, name):
                seen = 0
        return seen

    def _shuts_out(self, version: int, name: str) -> bool:
        before = self.versions[version - 2] if version > 1 else None
        excluded = name in self.versions[version - 1].excluded
        return excluded and before is not None and name not in before.excluded

    def was_shown_to(self, name: str) -> bool:
        """Whether ``name`` could ever know a version: then hits, questions and audit lines of its own may name it."""
        return any(name not in one.excluded for one in self.versions)

    def was_kept_from(self, name: str) -> bool:
        """Whether ``name`` was shut out of a version: what was said of the record before that does not come back."""
        return any(self._shuts_out(at, name) for at in range(1, len(self.versions) + 1))


@dataclass
class Notice:
    """One submission of a notice; ``state`` is what its owner did to it last."""

    owner: str
    owner_ref: str
    submission: str
    raw: dict[str, object]
    excluded: tuple[str, ...]
    taken_back: bool = False


@dataclass
class Letter:
    sender: str
    to: tuple[str, ...]
    subject: str
    reference: str


@dataclass
class Truth:
    """Everything that was acknowledged to an officer."""

    records: dict[bytes, Record] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    alone: dict[str, list[str]] = field(default_factory=dict)
    """Checks that each post answered by itself."""
    answered: dict[str, str] = field(default_factory=dict)
    """Hits that their owner has answered, with the verdict."""
    undone: set[bytes] = field(default_factory=set)
    """Links that their author took back."""
    faults: list[str] = field(default_factory=list)

    def keep(self, record: Record, version: Version) -> None:
        self.records.setdefault(record.identity, record).versions.append(version)

    def look(self, place: str, answer: Answer) -> None:
        """Whether an answer names only what its member may know."""
        for match in answer.matches:
            record = self.records.get(bytes.fromhex(match.record))
            if record is not None and not record.was_shown_to(place[:3]):
                self.faults.append(f"{place} was shown {record.ref}, which {record.owner} keeps from it")
