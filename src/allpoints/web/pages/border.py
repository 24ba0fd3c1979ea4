"""Border screening: one scan, one answer, the next traveller."""

from litestar import Response, get, post

from allpoints.border.question import Question
from allpoints.border.verdict import Answer
from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.mrz import MRZ_LIMIT_CHARACTERS
from allpoints.web.asgi import Entrance
from allpoints.web.pages import answers
from allpoints.web.pages.showing import options, places, purposes
from allpoints.web.pages.signing_in import take_purpose
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.border import BorderPage, CheckResult, Shift, manual_inputs, thing_inputs
from allpoints.web.views.common import Input, Option, filled
from allpoints.web.words import _

TYPED = {"number", "issuer", "type"}
THING = {"kind", "thing"}
PATHS = {"document_type": "type", "mrz": "number"}
"""The inputs that show what a check says of its own fields."""


@get(["/en/border", "/en/border.json"])
async def border(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require(Act.CHECK)
    return visit.page("border", _view(visit))


@post("/en/border", status_code=200)
async def act(request: AnyRequest) -> Response[bytes]:
    """``act``: ``shift`` sets purpose and case; ``scan``, ``manual`` and ``thing`` check, with those of the form."""
    visit = Visit.open(request)
    visit.require(Act.CHECK)
    entered = await visit.entered()
    wrong = take_purpose(visit, entered)
    if wrong:
        return _shown(visit, entered, errors=wrong)
    if entered.text("act") == "shift":
        return visit.go("/en/border")
    if entered.text("act") == "manual":
        return await _typed(visit, entered)
    if entered.text("act") == "thing":
        return await _thing(visit, entered)
    return await _scanned(visit, entered)


async def _scanned(visit: Visit, entered: Entered) -> Response[bytes]:
    scan = entered.text("scan")
    if not scan:
        fault = Fault("NOTHING-SCANNED", _("Scan or type the machine-readable zone."), "scan")
        return _shown(visit, entered, errors=(fault,))
    question = Question(mrz=scan[: MRZ_LIMIT_CHARACTERS + 1])
    try:
        answer = await _entrance(visit).check(visit.asker, question)
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        # A check that fails is an answer: no traveller's answer may be an error page.
        return _shown(visit, entered, check=answers.refused(visit, refusal))
    return _answered(visit, entered, question, answer)


async def _typed(visit: Visit, entered: Entered) -> Response[bytes]:
    question = Question(
        number=entered.text("number"),
        issuer=entered.text("issuer").upper(),
        document_type=entered.text("type"),
    )
    if not question.number:
        fault = Fault("NOTHING-TYPED", _("Enter the document number."), "number")
        return _shown(visit, entered, errors=(fault,))
    return await _asked(visit, entered, question, (TYPED, PATHS))


async def _thing(visit: Visit, entered: Entered) -> Response[bytes]:
    kind, thing = entered.text("kind"), entered.text("thing")
    missing = [
        Fault("NOTHING-TYPED", sentence, name)
        for name, sentence in (("kind", _("Choose the kind of number.")), ("thing", _("Enter the number.")))
        if not entered.text(name)
    ]
    if missing:
        return _shown(visit, entered, errors=tuple(missing))
    paths = {f"identifiers.{kind}": "thing"}
    return await _asked(visit, entered, Question(identifiers={kind: thing}), (THING, paths))


async def _asked(
    visit: Visit, entered: Entered, question: Question, form: tuple[set[str], dict[str, str]]
) -> Response[bytes]:
    """Ask what was typed; what is wrong with it is told at its inputs."""
    try:
        answer = await _entrance(visit).check(visit.asker, question)
    except Refusal as refusal:
        if refusal.status >= 429:
            return _shown(visit, entered, check=answers.refused(visit, refusal))
        return _shown(visit, entered, errors=faults_in(refusal, *form))
    return _answered(visit, entered, question, answer)


def _answered(visit: Visit, entered: Entered, question: Question, answer: Answer) -> Response[bytes]:
    visit.memory.checks.appendleft(answer)
    return _shown(visit, entered, check=answers.result(visit, question, answer))


def _entrance(visit: Visit) -> Entrance:
    entrance: Entrance = visit.request.app.state.entrance
    return entrance


def _shown(
    visit: Visit, entered: Entered, *, check: CheckResult | None = None, errors: tuple[Fault, ...] = ()
) -> Response[bytes]:
    view = _view(visit, entered, check, errors)
    fragment = "live" if visit.request.headers.get("hx-request") == "true" else ""
    return visit.page("border", view, status=422 if errors else 200, fragment=fragment)


def _view(
    visit: Visit,
    entered: Entered | None = None,
    check: CheckResult | None = None,
    errors: tuple[Fault, ...] = (),
) -> BorderPage:
    manual = _manual(visit)
    things = thing_inputs(_kinds(visit))
    wrong = entered.text("act") if entered is not None and errors else ""
    if entered is not None and wrong == "manual":
        manual = filled(manual, entered.values(TYPED), errors)
    if entered is not None and wrong == "thing":
        things = filled(things, entered.values(THING), errors)
    post = visit.host.post
    label = visit.host.settings.text("node.label") if post is not None else ""
    purpose, case = visit.asker.purpose, visit.asker.case
    if entered is not None and errors:
        purpose, case = entered.text("purpose") or purpose, entered.text("case") or case
    return BorderPage(
        shift=Shift(purpose=purpose, case=case, post=label, purposes=purposes(visit.host)),
        source=answers.source_of(visit.console),
        scan=entered.text("scan") if entered is not None and errors else "",
        manual=manual,
        manual_open=wrong == "manual",
        things=things,
        things_open=wrong == "thing",
        check=check,
        recent=tuple(answers.seen(visit.console, one) for one in visit.memory.checks),
        errors=errors,
    )


def _kinds(visit: Visit) -> tuple[Option, ...]:
    """Kinds of numbers that things are checked by; a document has a form of its own."""
    vocabulary = visit.host.vocabulary
    effective = {one.name for one in vocabulary.registers.values() if one.effect == "object"}
    return tuple(
        Option(
            key,
            f"{words(search.label)} ({', '.join(kind.name for kind in search.beside)})"
            if search.beside
            else words(search.label),
        )
        for key, search in sorted(vocabulary.searches().items())
        if effective & set(search.registers)
    )


def _manual(visit: Visit) -> tuple[Input, ...]:
    """The fold-out form; the issuer is typed, because three letters are faster than a list of 250 countries."""
    number, issuer, kind = manual_inputs(
        places(visit.console), options(visit.host.vocabulary.terms("document-types"))
    )
    typed = Input(
        name=issuer.name,
        label=issuer.label,
        kind="code",
        required=True,
        max_length=3,
        width=6,
        options=issuer.options,
        hint=_("The three letters printed on the document."),
    )
    return (number, typed, kind)


HANDLERS = [border, act]
