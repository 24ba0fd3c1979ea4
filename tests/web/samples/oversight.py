"""The overseer's page, why somebody may do something, and the way to a provider."""

import msgspec
from tests.web.samples.frame import NOW, PURPOSES, Sample, session
from tests.web.samples.housekeeping import AUDIT_ROWS

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Fault
from allpoints.web.pages import oversight as pages
from allpoints.web.pages import watching
from allpoints.web.views import oversight as views
from allpoints.web.views.common import Input, Option, State, filled
from allpoints.web.views.proving import OnwardPage

DIGEST = "5f1d9c02e7a4b855309be1c07d2a6f34817c1d92be03f55a6c7b20e94d18a7c3"


def oversight_samples() -> tuple[Sample, ...]:
    return (*_oversight(), *_watch(), *_why(), _onward())


def _watch() -> tuple[Sample, ...]:
    frame = session("/en/watch", roles=("overseer",))
    row = views.WatchRow(
        number=4,
        officer="m.orel",
        rule="pace",
        sentence="Asked 90 questions within an hour; 60 are usual here.",
        at_ms=NOW - MINUTE,
        line=104_790,
        state=State("Waits", "bad"),
        settled_by="",
        settled_ms=0,
        reason="",
        settles=True,
    )
    later = msgspec.structs.replace(row, number=3, officer="a.dali (XBM/post-1)")
    done = msgspec.structs.replace(
        row,
        number=2,
        state=State("Dismissed", "good"),
        settled_by="olga",
        settled_ms=NOW,
        reason="A missing child; her chief confirms it.",
        settles=False,
    )
    fault = Fault("REASON-NEEDED", "Say in 8 to 500 letters why.", "reason")
    page = views.WatchPage(sound=True, rows=(row, later, done), inputs=watching.inputs(), settling=4)
    wrong = msgspec.structs.replace(
        page, sound=False, inputs=filled(watching.inputs(), {}, (fault,)), errors=(fault,)
    )
    empty = views.WatchPage(sound=True, rows=(), inputs=watching.inputs())
    return (
        Sample("watch", "watch", page, frame),
        Sample("watch-wrong", "watch", wrong, frame),
        Sample("watch-empty", "watch", empty, frame),
    )


def _oversight() -> tuple[Sample, ...]:
    frame = session("/en/oversight", roles=("overseer",))
    filters = (
        Input(name="officer", label="Officer"),
        Input(
            name="event",
            label="Event",
            kind="select",
            options=(Option("search", "Search"),),
            blank="Every event",
        ),
        Input(name="purpose", label="Purpose", kind="select", options=PURPOSES, blank="Every purpose"),
        Input(name="case", label="Case", kind="code"),
        Input(name="register", label="Register", kind="literal"),
        Input(name="since", label="From day (UTC)", kind="date", width=12),
        Input(name="until", label="To day (UTC)", kind="date", width=12),
    )
    whole = views.Verified(
        state=State("Log whole", "good"),
        verified=104_813,
        total=104_813,
        erased=12_001,
        anchored=104_790,
        started_ms=NOW - 2 * MINUTE,
        finished_ms=NOW - MINUTE,
    )
    drawn = views.Drawn(seed="4f1c" * 8, size=104_813, among=48_120, rows=AUDIT_ROWS)
    page = views.OversightPage(
        verified=whole, filters=filters, draw=pages.drawing(), may_export=True, drawn=drawn
    )
    fault = Fault("BAD-INSTANT", "This is no day.", "since", "Such as 2031-04-30.")
    broken = msgspec.structs.replace(
        whole, state=State("Line 17 of the audit log was changed.", "bad"), verified=17
    )
    wrong = views.OversightPage(
        verified=broken,
        filters=filled(filters, {"since": "yesterday"}, (fault,)),
        draw=pages.drawing(),
        may_export=False,
        errors=(fault,),
    )
    first = views.OversightPage(verified=None, filters=filters, draw=pages.drawing(), may_export=False)
    return (
        Sample("oversight", "oversight", page, frame),
        Sample("oversight-wrong", "oversight", wrong, frame),
        Sample("oversight-first", "oversight", first, frame),
    )


def _why() -> tuple[Sample, ...]:
    frame = session("/en/why", roles=("administrator",))
    inputs = (
        Input(name="officer", label="Officer", kind="literal", value="vera", required=True),
        Input(name="act", label="What", kind="select", options=(Option("search", "search"),), required=True),
        Input(
            name="register", label="In the register", kind="select", options=(Option("dna", "dna-profiles"),)
        ),
        Input(name="purpose", label="For the purpose", kind="select", options=PURPOSES, blank="None"),
    )
    allowed = views.WhyAnswer(
        state=State("Allowed", "good"),
        question="may vera search for border-control",
        sentence="Yes. Officers at desks and in command centres search and read records.",
        rules=(
            views.RuleRow(
                name="search-and-read",
                says="Officers at desks and in command centres search and read records.",
                file="work.cedar",
            ),
        ),
        version="1",
        digest=DIGEST,
    )
    refused = views.WhyAnswer(
        state=State("Not allowed", "bad"),
        question="may vera review",
        sentence="No. This is for officers with the role reviewer.",
        rules=(),
        version="1",
        digest=DIGEST,
    )
    fault = Fault("UNKNOWN-OFFICER", "There is no officer nemo.", "officer")
    return (
        Sample("why", "why", views.WhyPage(inputs=inputs), frame),
        Sample("why-allowed", "why", views.WhyPage(inputs=inputs, answer=allowed), frame),
        Sample("why-refused", "why", views.WhyPage(inputs=inputs, answer=refused), frame),
        Sample(
            "why-wrong", "why", views.WhyPage(inputs=filled(inputs, {}, (fault,)), errors=(fault,)), frame
        ),
    )


def _onward() -> Sample:
    frame = msgspec.structs.replace(session("/en/sign-in/provider"), officer="", roles=(), ends_ms=0)
    view = OnwardPage(title="To the provider", href="#main", label="Go on to the provider")
    return Sample("onward", "onward", view, frame)
