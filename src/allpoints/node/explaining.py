"""Why somebody may do something, or may not: the decision of the policies in a sentence, with the rules behind it."""

import re
from collections.abc import Mapping

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import officers, policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act, Around
from allpoints.ledger import audit
from allpoints.node.engine import Engine
from allpoints.registers import visibility
from allpoints.vocabulary.register import Register, Vocabulary

QUESTION_LIMIT = 200
OF_ONESELF = frozenset({Act.EXPLAIN, Act.END_EMERGENCY})
"""Acts that everyone may do where they are about oneself; of all others the usual case is explained."""
_QUESTION = re.compile(
    r"(?:may )?(?P<officer>\S+) (?P<words>[a-z -]+?)(?: for (?P<purpose>[a-z-]+))?\??", re.IGNORECASE
)


class RuleTold(msgspec.Struct, frozen=True):
    """A rule that decided: its name, what it says, and its file."""

    name: str
    says: str
    file: str


class Explained(msgspec.Struct, frozen=True):
    """Whether it is allowed, why, by which rules, and which policy set decided."""

    allowed: bool
    sentence: str
    rules: tuple[RuleTold, ...]
    version: str
    digest: str


class _Question(msgspec.Struct, frozen=True):
    officer: str
    act: Act
    register: Register | None
    purpose: str


def explain(
    office: Engine, vocabulary: Vocabulary, asker: Asker, question: str, *, central: bool = False
) -> Explained:
    """Answer such as "may vera search travel-documents for border-control", after its line in the audit log.

    Administrators ask of everybody, everyone else of oneself. A case and a fresh proof count as given; ``central``
    says that it is asked at the secretariat.
    """
    everybody = policy.decide(vocabulary, asker, Act.EXPLAIN).allowed
    # To whom a register is closed, it is no word of a question either.
    asked = _understood(vocabulary.registers if everybody else visibility.known(vocabulary, asker), question)
    policy.require(vocabulary, asker, Act.EXPLAIN, Around(own=asked.officer == asker.officer))
    audit.record(
        office.db,
        "decision:explained",
        asker,
        office.clock.now(),
        name=asked.officer,
        act=asked.act,
        register=asked.register.name if asked.register else "",
    )
    held = officers.existing(office.db, asked.officer)
    who = Asker(held.name, held.roles, asked.purpose, "given", certified=held.certified)
    around = Around(own=asked.act in OF_ONESELF, fresh=True, central=central)
    decisions = [policy.decide(vocabulary, who, asked.act, None, around)]
    if asked.register is not None:
        decisions.append(policy.decide(vocabulary, who, Act.READ_REGISTER, asked.register))
    against = [one for one in decisions if not one.allowed]
    deciding = against[:1] or decisions
    rules = [vocabulary.policies.rules[name] for one in deciding for name in one.rules]
    return Explained(
        not against,
        f"{'No' if against else 'Yes'}. {' '.join(one.sentence for one in deciding)}",
        tuple(RuleTold(rule.name, rule.says, rule.file) for rule in rules),
        vocabulary.policies.version,
        vocabulary.policies.digest,
    )


def _understood(registers: Mapping[str, Register], question: str) -> _Question:
    """The parts of a question; the act is one of the policies' words, written with or without hyphens."""
    found = _QUESTION.fullmatch(" ".join(question[: QUESTION_LIMIT + 1].split()))
    if found is None or len(question) > QUESTION_LIMIT:
        raise _unclear()
    words = found["words"].lower().replace("-", " ").split()
    for length in range(len(words), 0, -1):
        act, rest = "-".join(words[:length]), "-".join(words[length:])
        acts = [one for one in Act if one == act or one.startswith(f"{act}-")]
        if len(acts) == 1 or act in acts:
            chosen = Act(act) if act in acts else acts[0]
            if rest and rest not in registers:
                continue
            register = registers[rest] if rest else None
            return _Question(found["officer"], chosen, register, (found["purpose"] or "").lower())
    raise _unclear()


def _unclear() -> Refusal:
    return Refusal(
        "WHY-UNCLEAR",
        "This question is not understood.",
        path="question",
        hint=f"Ask: may NAME ACT [REGISTER] [for PURPOSE]. Acts are {', '.join(sorted(Act))}.",
    )
