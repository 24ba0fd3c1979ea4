"""Who may do what: the one place that decides it, by the rules of the policy set.

Encryption decides who *can* open something; this decides who *may* among those. A decision follows from its inputs
alone, so it is made once and remembered: a changed role, certification or policy set is another input.
"""

import json
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import cedarpy
import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import ROLES, Asker
from allpoints.vocabulary.policy_set import PolicySet
from allpoints.vocabulary.register import Register, Vocabulary

REMEMBERED = 8_192
"""Decisions that are kept; one is about a kilobyte."""


class Act(StrEnum):
    """What can be asked of a node, by the name that it has in the policies."""

    CHECK = "check"
    SEARCH = "search"
    READ = "read-record"
    LIST_OWN = "list-own-records"
    ENTER = "enter-record"
    WITHDRAW = "withdraw-record"
    RENEW = "renew-record"
    LINK = "link-records"
    ATTACH = "attach-file"
    IMPORT = "import-records"
    EXPORT = "export-records"
    BLOCK = "block-record"
    LOOK_AT_NOTICES = "look-at-notices"
    SUBMIT = "submit-notice"
    LOOK_AT_CASES = "look-at-cases"
    REVIEW = "review"
    TRACE = "trace"
    WRITE_LETTERS = "write-letters"
    LOOK_AT_HITS = "look-at-hits"
    ANSWER_HIT = "answer-hit"
    SEE_MEMBERS = "see-members"
    SEE_MEASURES = "see-measures"
    ADMINISTER_OFFICERS = "administer-officers"
    ADMINISTER_NETWORK = "administer-network"
    LOOK_AT_PARTS = "look-at-parts"
    READ_AUDIT = "read-audit"
    SAMPLE_AUDIT = "sample-audit"
    EXPORT_AUDIT = "export-audit"
    VERIFY_AUDIT = "verify-audit"
    MEASURE = "measure"
    EXPLAIN = "explain"
    SEARCH_OUTSIDE = "search-outside"
    KNOW_REGISTER = "know-register"
    READ_REGISTER = "read-register"
    OPEN_EMERGENCY = "open-emergency"
    END_EMERGENCY = "end-emergency"
    REVIEW_EMERGENCY = "review-emergency"
    LOOK_AT_WATCH = "look-at-watch"
    SETTLE_WATCH = "settle-watch"
    CHOOSE_WATCHED = "choose-watched"
    ASK_OPENINGS = "ask-openings"


class Decision(msgspec.Struct, frozen=True):
    """Whether an act is allowed, the names of the rules that decided it, and why in a sentence.

    ``code`` is that of the refusal. No rule at all means that nothing allows the act.
    """

    allowed: bool
    rules: tuple[str, ...]
    sentence: str
    code: str = ""

    def refusal(self) -> Refusal:
        """What an officer is told who may not."""
        if self.code == "NO-PURPOSE":
            return Refusal(
                "NO-PURPOSE",
                self.sentence,
                path="purpose",
                hint="Choose one of the listed purposes.",
                status=403,
            )
        if self.code == "NO-REASON":
            return Refusal(
                "NO-REASON",
                "Say why you ask.",
                path="case",
                hint="The reason is kept with the question: “Offered to us for sale”, say.",
                status=403,
            )
        if self.code == "FORBIDDEN":
            return Refusal(
                "FORBIDDEN",
                self.sentence,
                hint=f"This is the rule {self.rules[0]} of the policies.",
                status=403,
            )
        return Refusal(
            "NOT-ALLOWED", self.sentence, hint="An administrator can change an officer's roles.", status=403
        )


class _Asked(NamedTuple):
    """Everything that a decision follows from, but for the policy set."""

    officer: str
    roles: frozenset[str]
    certified: frozenset[str]
    act: str
    register: str
    readers: str
    purpose: str
    known_purpose: bool
    case_given: bool
    at_post: bool
    own: bool
    emergency_register: str
    emergency_role: str


def decide(
    vocabulary: Vocabulary, asker: Asker, act: Act, register: Register | None = None, *, own: bool = False
) -> Decision:
    """Whether ``asker`` may do this, with a register where the act is about one; ``own`` says it is about oneself."""
    return _decided(vocabulary.policies, _asked(vocabulary, asker, act, register, own=own))


def require(vocabulary: Vocabulary, asker: Asker, act: Act, *, own: bool = False) -> None:
    """Refuse (403) whoever may not: NOT-ALLOWED for the role, then NO-PURPOSE, then FORBIDDEN by another rule."""
    decision = decide(vocabulary, asker, act, own=own)
    if not decision.allowed:
        raise decision.refusal()


def could(vocabulary: Vocabulary, asker: Asker, act: Act) -> bool:
    """Whether the asker may do this once purpose and case are stated: what to offer, whom to let in to a form."""
    return supposed(vocabulary, asker, act).allowed


def supposed(vocabulary: Vocabulary, asker: Asker, act: Act) -> Decision:
    """The decision as it is once purpose and case are stated."""
    asked = _asked(vocabulary, asker, act, None, own=False)
    return _decided(vocabulary.policies, _supposing(asked))


def require_could(vocabulary: Vocabulary, asker: Asker, act: Act) -> None:
    """Refuse (403) whoever may not, whatever purpose is stated: before a body is read or a form is shown."""
    decision = supposed(vocabulary, asker, act)
    if not decision.allowed:
        raise decision.refusal()


def _asked(vocabulary: Vocabulary, asker: Asker, act: Act, register: Register | None, *, own: bool) -> _Asked:
    return _Asked(
        asker.officer,
        asker.roles,
        asker.certified,
        act,
        register.name if register is not None else "",
        register.readers if register is not None else "",
        asker.purpose,
        asker.purpose in vocabulary.purposes,
        bool(asker.case.strip()),
        bool(asker.post),
        own,
        asker.emergency.register if asker.emergency is not None else "",
        asker.emergency.role if asker.emergency is not None else "",
    )


def _supposing(asked: _Asked) -> _Asked:
    return asked._replace(purpose="", known_purpose=True, case_given=True)


@lru_cache(maxsize=REMEMBERED)
def _decided(policies: PolicySet, asked: _Asked) -> Decision:
    allowed, rules = _ask_cedar(policies, policies.parsed, asked)
    if allowed:
        return Decision(allowed=True, rules=rules, sentence=policies.rules[rules[0]].says)
    permitted, _ = _ask_cedar(policies, policies.permits, asked)
    if not permitted:
        return Decision(allowed=False, rules=(), sentence=_for_whom(policies, asked), code="NOT-ALLOWED")
    first = policies.rules[rules[0]]
    code = {"purpose": "NO-PURPOSE", "reason": "NO-REASON"}.get(first.name, "FORBIDDEN")
    sentence = first.says
    if code == "NO-PURPOSE":
        sentence = "This purpose is not known." if asked.purpose else "A question states its purpose."
    return Decision(allowed=False, rules=rules, sentence=sentence, code=code)


def _for_whom(policies: PolicySet, asked: _Asked) -> str:
    """Who may do what this asker may not, found by asking for each role alone."""
    usual = _supposing(asked)._replace(emergency_register="", emergency_role="")
    alone = [usual._replace(roles=frozenset({role})) for role in ROLES]
    fit = [
        role for role, one in zip(ROLES, alone, strict=True) if _ask_cedar(policies, policies.parsed, one)[0]
    ]
    return f"This is for officers with the role {' or '.join(fit)}." if fit else "This is for nobody here."


def _ask_cedar(policies: PolicySet, rules: cedarpy.PolicySet, asked: _Asked) -> tuple[bool, tuple[str, ...]]:
    """The answer, and the names of the rules behind it in the order of the files.

    A rule that could not be worked out forbids: else a broken ``forbid`` would let everyone through.
    """
    kind = "Register" if asked.register else "Node"
    officer = {"type": "Officer", "id": asked.officer}
    resource = {"type": kind, "id": asked.register or "here"}
    register = {"name": asked.register, "readers": asked.readers} if asked.register else {}
    entities = [
        {
            "uid": officer,
            "attrs": {"roles": sorted(asked.roles), "certified": sorted(asked.certified)},
            "parents": [],
        },
        {"uid": resource, "attrs": register, "parents": []},
    ]
    request = {
        "principal": officer,
        "action": {"type": "Action", "id": asked.act},
        "resource": resource,
        "context": {
            "purpose": asked.purpose,
            "known_purpose": asked.known_purpose,
            "case_given": asked.case_given,
            "at_post": asked.at_post,
            "own": asked.own,
            "emergency_register": asked.emergency_register,
            "emergency_role": asked.emergency_role,
        },
    }
    found = cedarpy.is_authorized(request, rules, policies.actions.with_added_json_str(json.dumps(entities)))
    if found.diagnostics.errors:
        raise Refusal("POLICY-BROKEN", "A rule of the policies cannot be worked out.", status=500)
    named = found.diagnostics.id_annotations_by_reason.values()
    ordered = sorted(named, key=list(policies.rules).index)
    return found.allowed, tuple(ordered)
