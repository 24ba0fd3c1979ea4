"""Examples of what each rule allows and refuses, beside the policies: they are run, and they explain the rule."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import yaml

from allpoints.ground.refusal import Refusal
from allpoints.identity.decision import Decision
from allpoints.identity.officers import Asker, EmergencyAccess
from allpoints.identity.policy import Act, Around, decide
from allpoints.vocabulary.policy_set import OWN_FOLDER
from allpoints.vocabulary.register import Vocabulary

FILE_NAME = "examples.yaml"
FILE_LIMIT_BYTES = 256 * 1024


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question: what is asked, by an officer of which roles, in which circumstances."""

    act: Act
    roles: tuple[str, ...]
    officer: str = "vera"
    purpose: str = "border-control"
    case: str = "C-17"
    post: str = ""
    certified: tuple[str, ...] = ()
    register: str = ""
    own: bool = False
    fresh: bool = True
    central: bool = True
    emergency_register: str = ""
    emergency_role: str = ""

    def decided(self, vocabulary: Vocabulary) -> Decision:
        """The decision about it; raises Refusal UNKNOWN-REGISTER for a register that is not declared."""
        asker = Asker(
            self.officer,
            frozenset(self.roles),
            self.purpose,
            self.case,
            self.post,
            certified=frozenset(self.certified),
            emergency=EmergencyAccess(1, self.emergency_register, self.emergency_role, 0),
        )
        register = vocabulary.registers.get(self.register)
        if self.register and register is None:
            raise Refusal("UNKNOWN-REGISTER", f"There is no register {self.register!r}.", path="register")
        around = Around(own=self.own, fresh=self.fresh, central=self.central)
        return decide(vocabulary, asker, self.act, register, around)


class Examples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one rule lets through, and what it stops or does not reach."""

    allowed: tuple[Example, ...]
    refused: tuple[Example, ...]


def read_examples(folder: Path) -> dict[str, Examples]:
    """The examples in a folder of policies, by the rule's name; none where there is no file."""
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    data = path.read_bytes()
    try:
        if len(data) > FILE_LIMIT_BYTES:
            raise ValueError(f"it has more than {FILE_LIMIT_BYTES} bytes")  # noqa: TRY301 - told as one
        return msgspec.convert(yaml.safe_load(data) or {}, dict[str, Examples])
    except (ValueError, yaml.YAMLError) as error:
        raise Refusal(
            "POLICY-EXAMPLES", f"These are no examples: {str(error).splitlines()[0]}.", path=str(path)
        ) from error


def misses(vocabulary: Vocabulary, folders: Sequence[Path]) -> Iterator[str]:
    """What is wrong with the examples in these folders: a rule without one, one that is decided otherwise.

    The program's own examples hold of its own rules; where a bureau narrows them, only the bureau's are asked.
    """
    found: dict[str, Examples] = {}
    for folder in folders:
        found |= read_examples(folder)
    for name, rule in vocabulary.policies.rules.items():
        examples = found.get(name)
        if not rule.added and OWN_FOLDER not in folders:
            continue
        if examples is None or not examples.allowed or not examples.refused:
            yield f"{name}: there is no allowed or no refused example."
    for name, examples in found.items():
        if name not in vocabulary.policies.rules:
            yield f"{name}: there is no such rule."
        for wanted, group in ((True, examples.allowed), (False, examples.refused)):
            for number, example in enumerate(group, 1):
                if example.decided(vocabulary).allowed != wanted:
                    told = "allowed" if wanted else "refused"
                    yield f"{name}: example {number} of {told} is decided otherwise."
