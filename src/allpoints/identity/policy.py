"""Who may do what: the one place that decides it, by the rules of the policy set.

Encryption decides who *can* open something; this decides who *may* among those. A decision follows from its inputs
alone, so it is made once and remembered: a changed role, certification or policy set is another input.
"""

import json
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import cedarpy

from allpoints.ground.refusal import Refusal
from allpoints.identity.decision import CODES, Decision
from allpoints.identity.officers import ADMINISTER, EXPORT, ROLES, Asker, has_proved
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
    PUBLISH_NOTICE = "publish-notice"
    CANCEL_NOTICE = "cancel-notice"
    TRACE = "trace"
    WRITE_LETTERS = "write-letters"
    LOOK_AT_HITS = "look-at-hits"
    ANSWER_HIT = "answer-hit"
    SEE_MEMBERS = "see-members"
    SEE_MEASURES = "see-measures"
    ORDER_MEASURE = "order-measure"
    ADMINISTER_OFFICERS = "administer-officers"
    CHANGE_OFFICERS = "change-officers"
    CHANGE_ACCOUNT = "change-account"
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


TOKENS = {Act.EXPORT: EXPORT, Act.CHANGE_OFFICERS: ADMINISTER, Act.REVIEW_EMERGENCY: ADMINISTER}
"""What a token is made for stands in place of a person's fresh proof."""


class Around(NamedTuple):
    """Circumstances that the part that is asked knows.

    ``own``: it is about oneself; ``fresh``: the proof of who acts is; ``central``: at the secretariat.
    """

    own: bool = False
    fresh: bool = False
    central: bool = False


USUAL = Around()


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
    fresh: bool
    central: bool
    emergency_register: str
    emergency_role: str


def decide(
    vocabulary: Vocabulary,
    asker: Asker,
    act: Act,
    register: Register | None = None,
    around: Around = USUAL,
) -> Decision:
    """Whether ``asker`` may do this, with a register where the act is about one."""
    return _decided(vocabulary.policies, _asked(vocabulary, asker, act, register, around))


def require(vocabulary: Vocabulary, asker: Asker, act: Act, around: Around = USUAL) -> None:
    """Refuse (403) whoever may not: NOT-ALLOWED for the role, then NO-PURPOSE, then by another rule."""
    decision = decide(vocabulary, asker, act, None, around)
    if not decision.allowed:
        raise decision.refusal()


def require_proved(vocabulary: Vocabulary, asker: Asker, act: Act, now_ms: int, *, own: bool = False) -> None:
    """As ``require``, of an act for which the asker has just proved to be the one, or has a token made for it."""
    require(vocabulary, asker, act, Around(own=own, fresh=has_proved(asker, TOKENS.get(act, ""), now_ms)))


def could(vocabulary: Vocabulary, asker: Asker, act: Act) -> bool:
    """Whether the asker may do this once purpose and case are stated: what to offer, whom to let in to a form."""
    return supposed(vocabulary, asker, act).allowed


def supposed(vocabulary: Vocabulary, asker: Asker, act: Act) -> Decision:
    """The decision as it is once purpose and case are stated and the asker has proved to be the one."""
    asked = _asked(vocabulary, asker, act, None, USUAL)
    return _decided(vocabulary.policies, _supposing(asked))


def require_could(vocabulary: Vocabulary, asker: Asker, act: Act) -> None:
    """Refuse (403) whoever may not, whatever purpose is stated: before a body is read or a form is shown."""
    decision = supposed(vocabulary, asker, act)
    if not decision.allowed:
        raise decision.refusal()


def _asked(
    vocabulary: Vocabulary, asker: Asker, act: Act, register: Register | None, around: Around
) -> _Asked:
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
        *around,
        asker.emergency.register if asker.emergency is not None else "",
        asker.emergency.role if asker.emergency is not None else "",
    )


def _supposing(asked: _Asked) -> _Asked:
    return asked._replace(purpose="", known_purpose=True, case_given=True, fresh=True, central=True)


@lru_cache(maxsize=REMEMBERED)
def _decided(policies: PolicySet, asked: _Asked) -> Decision:
    allowed, rules = _ask_cedar(policies, policies.parsed, asked)
    if allowed:
        return Decision(allowed=True, rules=rules, sentence=policies.rules[rules[0]].says)
    permitted, _ = _ask_cedar(policies, policies.permits, asked)
    if not permitted:
        return Decision(allowed=False, rules=(), sentence=_for_whom(policies, asked), code="NOT-ALLOWED")
    first = policies.rules[rules[0]]
    code = CODES.get(first.name, "FORBIDDEN")
    sentence = first.says
    if code == "NO-PURPOSE":
        sentence = "This purpose is not known." if asked.purpose else "A question states its purpose."
    token = TOKENS.get(Act(asked.act), "")
    return Decision(allowed=False, rules=rules, sentence=sentence, code=code, token=token)


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
            "fresh": asked.fresh,
            "central": asked.central,
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
