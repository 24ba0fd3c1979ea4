"""The names of nodes ("XAV", "XBM/post-1", "XSC/relay") and the words shown for them."""

import re

from allpoints.ground.refusal import Refusal

NAME_LIMIT_CHARACTERS = 36
LABEL_LIMIT_CHARACTERS = 100

SECRETARIAT = "secretariat"
RELAY = "relay"
BUREAU = "bureau"
POST = "post"
ROLES = (SECRETARIAT, RELAY, BUREAU, POST)

_MEMBER = re.compile(r"[A-Z]{3}")
_PART = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


def check_member(code: str, path: str = "member") -> str:
    """A member is its three-letter code (ICAO 9303 alpha-3)."""
    if not _MEMBER.fullmatch(code):
        raise Refusal("BAD-NAME", "A member is named by three capital letters.", path=path, hint="XAV")
    return code


def member_of(name: str) -> str:
    """The member that answers for a node."""
    return name.partition("/")[0]


def check_node(name: str, role: str, member: str) -> None:
    """Refuse a node name that does not fit its role: only posts and the relay stand under another name."""
    check_member(member)
    if role not in ROLES:
        raise Refusal("BAD-ROLE", f"A node is one of {', '.join(ROLES)}.", path="role")
    if role in {SECRETARIAT, BUREAU}:
        if name != member:
            raise Refusal("BAD-NAME", f"A {role} is named {member}, as its member.", path="subject")
        return
    head, slash, part = name.partition("/")
    if head != member or not slash or not _PART.fullmatch(part) or (part == RELAY) != (role == RELAY):
        example = f"{member}/relay" if role == RELAY else f"{member}/post-1"
        raise Refusal("BAD-NAME", f"A {role} is named like {example}.", path="subject", hint=example)


def check_label(label: str, path: str = "label") -> str:
    """A shown name: one line, printable, not blank at its ends."""
    if not 0 < len(label) <= LABEL_LIMIT_CHARACTERS or not label.isprintable() or label != label.strip():
        raise Refusal(
            "BAD-LABEL",
            f"A shown name has 1 to {LABEL_LIMIT_CHARACTERS} printable characters and no space at its ends.",
            path=path,
        )
    return label
