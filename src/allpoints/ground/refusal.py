"""The one family of errors that a person or a program outside may see."""

from collections.abc import Iterable

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong, said so that the person who can mend it finds the place."""

    code: str
    sentence: str
    path: str = ""
    hint: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error answer over HTTP (RFC 9457 problem details)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    path: str = ""
    hint: str = ""
    faults: tuple[Fault, ...] = ()
    retry_s: int = 0


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a malfunction
    """Input or an act that is not accepted: nothing was changed, and this is why.

    ``code`` is stable and machine readable (``MRZ-CHECK-DIGIT``), ``sentence`` is for a person, ``path``
    names the field (``rows[3].document_number``), ``hint`` says what to do next. ``status`` is the HTTP
    status that the web gives it: 400 unreadable, 401 not signed in, 403 not allowed, 404 not there for
    the asker, 409 in conflict, 413 too large, 422 understood but wrong, 429 too much, 503 not now.
    ``retry_s`` says after how many seconds asking again makes sense, where that is known.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        path: str = "",
        hint: str = "",
        status: int = 422,
        faults: Iterable[Fault] = (),
        retry_s: int = 0,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.path = path
        self.hint = hint
        self.status = status
        self.faults = tuple(faults)
        self.retry_s = retry_s

    @classmethod
    def of(cls, faults: Iterable[Fault], *, status: int = 422) -> "Refusal":
        """One refusal for a list of faults; the first one speaks for all."""
        listed = tuple(faults)
        first = listed[0]
        more = f" (and {len(listed) - 1} more)" if len(listed) > 1 else ""
        return cls(
            first.code,
            first.sentence + more,
            path=first.path,
            hint=first.hint,
            status=status,
            faults=listed,
        )

    def fault(self) -> Fault:
        return Fault(self.code, self.sentence, self.path, self.hint)

    def problem(self) -> Problem:
        return Problem(
            type=f"urn:allpoints:refusal:{self.code.lower()}",
            title=self.code.replace("-", " ").capitalize(),
            status=self.status,
            code=self.code,
            detail=self.sentence,
            path=self.path,
            hint=self.hint,
            faults=self.faults,
            retry_s=self.retry_s,
        )
