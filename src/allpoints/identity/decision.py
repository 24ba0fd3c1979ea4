"""What the policies decided, and how whoever may not is told."""

import msgspec

from allpoints.ground.refusal import Refusal

CODES = {
    "purpose": "NO-PURPOSE",
    "reason": "NO-REASON",
    "fresh-proof": "VERIFY-AGAIN",
    "measures-at-secretariat": "NOT-SECRETARIAT",
}
"""Rules whose refusal has a code of its own, which programs and pages go by; all others are FORBIDDEN."""


class Decision(msgspec.Struct, frozen=True):
    """Whether an act is allowed, the names of the rules that decided it, and why in a sentence.

    ``code`` is that of the refusal. No rule at all means that nothing allows the act.
    """

    allowed: bool
    rules: tuple[str, ...]
    sentence: str
    code: str = ""
    token: str = ""
    """What a token would have to be made for, where one could be."""

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
        if self.code == "VERIFY-AGAIN":
            return Refusal(
                "VERIFY-AGAIN",
                "For this you show once more that it is you: your last proof is older than five minutes.",
                hint=f"Confirm it at the console.{self._by_token()}",
                status=403,
            )
        if self.code == "NOT-SECRETARIAT":
            return Refusal("NOT-SECRETARIAT", self.sentence, status=403)
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

    def _by_token(self) -> str:
        return f" A program needs a token made with --may {self.token}." if self.token else ""
