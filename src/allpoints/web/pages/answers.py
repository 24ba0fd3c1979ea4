"""From the engine's answer to a check to what the border page shows of it."""

from allpoints.border.question import Question
from allpoints.border.verdict import Answer, Match, Verdict
from allpoints.ground.clock import day_of
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.vocabulary import mrz
from allpoints.vocabulary.mrz import Mrz
from allpoints.web.pages.console import Console
from allpoints.web.pages.desk import notice_path
from allpoints.web.pages.showing import (
    contact,
    field_of,
    grounds,
    plain_caption,
    register_label,
    term,
    writing_to,
)
from allpoints.web.pages.visit import Visit
from allpoints.web.views import common
from allpoints.web.views.border import (
    CheckDigit,
    CheckResult,
    ParsedDocument,
    RecentCheck,
    Source,
)
from allpoints.web.views.border import Match as ShownMatch
from allpoints.web.views.common import Cell, State
from allpoints.web.words import _

_MATCH_STATES = {
    Verdict.DOCUMENT: State(_("Reported"), "bad"),
    Verdict.BEARER: State(_("Subject of a notice"), "bad"),
    Verdict.POSSIBLE: State(_("Possible match"), "warn"),
    Verdict.OBJECT: State(_("Reported"), "bad"),
}
_DIGITS = {
    "document_number": _("Document number"),
    "number": _("Document number"),
    "birth_date": _("Date of birth"),
    "expiry_date": _("Date of expiry"),
    "optional": _("Optional data"),
    "composite": _("Whole zone"),
}


def source_of(console: Console) -> Source:
    """Where this node's answers come from now."""
    host = console.host
    if host.bureau is not None:
        live = host.bureau.following.live
        # A bureau has its own copy of everything: it answers in full, of what it knew when it last heard.
        return Source(live=live, as_of_ms=host.bureau.as_of())
    post = host.post
    if post is None:
        return Source(live=False, stale=True, as_of_ms=0)
    if post.hears():
        return Source(live=True, as_of_ms=post.as_of_ms or host.clock.now(), waiting=post.to_tell())
    stamp = post.extract.stamp
    stale = bool(post.extract.why_not(host.clock.now()))
    return Source(live=False, stale=stale, as_of_ms=stamp.as_of_ms if stamp else 0, waiting=post.to_tell())


def result(visit: Visit, question: Question, answer: Answer) -> CheckResult:
    """The answer as the officer reads it: what to do first, then why."""
    stale = answer.verdict is Verdict.UNABLE
    warnings = tuple(
        Fault(
            "NEAR-NUMBER", reason.sentence, "", _("Asked: %s, on record: %s.") % (reason.asked, reason.held)
        )
        for reason in answer.warnings
    )
    faults = tuple(
        Fault(answer.verdict.value.upper(), reason.sentence, "", reason.held) for reason in answer.faults
    )
    return CheckResult(
        verdict=answer.verdict.value,
        reference=answer.check,
        checked_ms=answer.asked_ms,
        took_us=answer.took_us,
        source=Source(live=answer.source == "live", as_of_ms=answer.as_of_ms, stale=stale),
        subject=subject(visit.console, answer),
        document=_document(visit, question, answer),
        matches=tuple(_match(visit, one) for one in answer.matches),
        faults=faults + warnings,
        hit=next((hit_path(answer, one) for one in answer.matches), ""),
    )


def refused(visit: Visit, refusal: Refusal) -> CheckResult:
    """A question that could not be put: text that is no zone is not readable, all else could not be checked."""
    unreadable = refusal.code.startswith("MRZ-")
    return CheckResult(
        verdict="unreadable" if unreadable else "unable",
        reference=_("none"),
        checked_ms=visit.now_ms,
        took_us=0,
        source=source_of(visit.console),
        faults=refusal.faults or (refusal.fault(),),
    )


def seen(console: Console, answer: Answer) -> RecentCheck:
    """One line among the last checks."""
    return RecentCheck(
        at_ms=answer.asked_ms,
        subject=subject(console, answer),
        verdict=answer.verdict.value,
        reference=answer.check,
        hit=next((hit_path(answer, one) for one in answer.matches), ""),
    )


def hit_path(answer: Answer, match: Match) -> str:
    """The page of the hit; a post that answered alone knows the check only."""
    return f"/en/hits/{match.hit or answer.check}"


def subject(console: Console, answer: Answer) -> str:
    """What was checked, in one line."""
    kind = term(console.host.vocabulary.terms("document-types"), answer.document_type)
    document = " ".join(part for part in (kind, answer.issuer, answer.number) if part)
    bearer = "" if document else ", ".join(part for part in (answer.bearer, answer.birth_date) if part)
    return ", ".join(part for part in (document, bearer, *answer.things) if part)


def _match(visit: Visit, match: Match) -> ShownMatch:
    host = visit.host
    register = register_label(host.vocabulary, match.register)
    reference = f" {match.reference}" if match.reference else ""
    notice = match.register in host.vocabulary.notices
    href = ""
    if host.bureau is not None and visit.may(Act.SEARCH):
        href = notice_path(match.reference) if notice else f"/en/records/{match.record}"
    return ShownMatch(
        title=plain_caption(match.caption) or register,
        register=register + reference,
        owner=match.owner,
        state=_MATCH_STATES.get(match.verdict, State(_("On record"), "info")),
        href=href,
        reasons=grounds(match),
        contact=_contact(visit, match),
        published_ms=match.published_ms,
    )


def _contact(visit: Visit, match: Match) -> common.Contact:
    """A desk writes to the owner; a post calls its own bureau, which does."""
    host = visit.host
    if host.bureau is None or not visit.may(Act.SEARCH):
        return contact(visit.console, host.me.member)
    about = f"hit:{match.hit}" if match.hit else ""
    return contact(visit.console, match.owner, writing_to(host.bureau, match.owner, about))


def _document(visit: Visit, question: Question, answer: Answer) -> ParsedDocument:
    if question.mrz:
        return _zone(visit, mrz.parse(question.mrz, today=day_of(answer.asked_ms)))
    document = (
        Cell(_("Document number"), answer.number, "code"),
        Cell(_("Issued by"), answer.issuer, "country"),
    )
    things = (thing.partition(": ") for thing in answer.things)
    cells = (
        document if answer.number else (),
        tuple(Cell(label, value, "code") for label, _colon, value in things),
    )
    return ParsedDocument(cells=cells[0] + cells[1])


def _zone(visit: Visit, zone: Mrz) -> ParsedDocument:
    register = visit.host.vocabulary.registers["persons"]
    sex = field_of(register, "sex")
    cells = (
        Cell(_("Family name"), zone.family_name, "name"),
        Cell(_("Given names"), zone.given_names, "name"),
        Cell(_("Document number"), zone.number, "code"),
        Cell(_("Issued by"), zone.issuer, "country"),
        Cell(_("Nationality"), zone.nationality, "country"),
        Cell(_("Date of birth"), zone.birth_date, "partial-date"),
        Cell(_("Sex"), sex.type.caption(zone.sex) if sex and zone.sex else ""),
        Cell(_("Expires"), zone.expiry_date, "partial-date"),
    )
    checks = tuple(
        CheckDigit(
            label=_DIGITS.get(one.field, one.field.replace("_", " ").capitalize()),
            given=one.given,
            expected=one.expected,
            line=one.line,
            position=one.position,
            ok=one.ok,
        )
        for one in zone.checks
    )
    return ParsedDocument(format=zone.format, lines=zone.lines, cells=cells, checks=checks)
