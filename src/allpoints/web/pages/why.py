"""Why somebody may do something, or may not: the same decision and sentence as on the command line and in the API."""

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity.policy import Act
from allpoints.node.explaining import Explained, explain
from allpoints.registers import visibility
from allpoints.web.pages.showing import purposes
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, Option, State, filled
from allpoints.web.views.oversight import RuleRow, WhyAnswer, WhyPage
from allpoints.web.words import _

PAGE = "/en/why"
NAMES = ("officer", "act", "register", "purpose")


def inputs(visit: Visit) -> tuple[Input, ...]:
    """Who, what, in which register, for what; who asks of oneself alone is not asked for a name."""
    vocabulary = visit.host.vocabulary
    everybody = visit.may(Act.EXPLAIN)
    known = vocabulary.registers if everybody else visibility.known(vocabulary, visit.asker)
    acts = tuple(Option(act, act.replace("-", " ")) for act in sorted(Act))
    registers = tuple(Option(name, name) for name in sorted(known))
    officer = Input(name="officer", label=_("Officer"), kind="literal", required=True, max_length=64)
    return (
        *((officer,) if everybody else ()),
        Input(name="act", label=_("What"), kind="select", options=acts, required=True, blank=_("Choose")),
        Input(
            name="register",
            label=_("In the register"),
            kind="select",
            options=registers,
            blank=_("No register"),
        ),
        Input(
            name="purpose",
            label=_("For the purpose"),
            kind="select",
            options=purposes(visit.host),
            blank=_("None"),
        ),
    )


@get([PAGE, f"{PAGE}.json"])
async def form(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    return visit.page("why", WhyPage(inputs=filled(inputs(visit), {"officer": visit.asker.officer})))


@post(PAGE, status_code=200)
async def ask(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    entered = await visit.entered()
    kept = entered.values(NAMES)
    question = _question(visit, entered)
    host = visit.host
    try:
        central = host.me.is_secretariat
        found = await visit.do(
            lambda: explain(host.office, host.vocabulary, visit.asker, question, central=central)
        )
    except Refusal as refusal:
        faults = _faults(refusal)
        return visit.page(
            "why", WhyPage(inputs=filled(inputs(visit), kept, faults), errors=faults), status=422
        )
    view = WhyPage(inputs=filled(inputs(visit), kept), answer=_answer(question, found))
    return visit.page("why", view)


def _question(visit: Visit, entered: Entered) -> str:
    """The question as it is asked on the command line."""
    officer = entered.text("officer") or visit.asker.officer
    words = [f"may {officer}", entered.text("act"), entered.text("register")]
    purpose = entered.text("purpose")
    return " ".join([*(word for word in words if word), *((f"for {purpose}",) if purpose else ())])


def _faults(refusal: Refusal) -> tuple[Fault, ...]:
    """What is wrong, at the field that it is about."""
    if refusal.code == "UNKNOWN-OFFICER":
        return (Fault(refusal.code, refusal.sentence, "officer", refusal.hint),)
    return faults_in(refusal, NAMES, {"question": "act"})


def _answer(question: str, found: Explained) -> WhyAnswer:
    return WhyAnswer(
        state=State(_("Allowed"), "good") if found.allowed else State(_("Not allowed"), "bad"),
        question=question,
        sentence=found.sentence,
        rules=tuple(RuleRow(name=rule.name, says=rule.says, file=rule.file) for rule in found.rules),
        version=found.version,
        digest=found.digest,
    )


HANDLERS = [form, ask]
