"""How this node is: its lines, its figures, and for administrators its settings."""

from litestar import Response, get

from allpoints.identity.policy import Act
from allpoints.node.bureau import Bureau
from allpoints.node.evidence import HEADS
from allpoints.node.post import Post
from allpoints.registers.store import VALID
from allpoints.web.measures import Health
from allpoints.web.pages.desk import node_state
from allpoints.web.pages.showing import register_label, sentence
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.common import Cell, Section, State
from allpoints.web.views.office import PeerRow, Setting, StatePage
from allpoints.web.words import _

_UP = State(_("Live"), "good")
_DOWN = State(_("Without a line"), "warn")


@get(["/en/state", "/en/state.json"])
async def state(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    return visit.page("state", _view(visit))


def _view(visit: Visit) -> StatePage:
    health = visit.console.measures.health()
    bureau, post = visit.host.bureau, visit.host.post
    sections = [_node(visit, health)]
    peers: list[PeerRow] = []
    if bureau is not None:
        sections += [
            _registers(visit, bureau),
            _refused(visit, bureau),
            _witnesses(bureau),
            *_evidence(bureau),
        ]
        peers = _bureau_peers(visit, bureau, health)
    elif post is not None:
        sections.append(_extract(visit, post))
        peers = _post_peers(post)
    return StatePage(
        node=node_state(health).state,
        sections=tuple(section for section in sections if section.cells),
        peers=tuple(peers),
        settings=_settings(visit) if visit.may(Act.ADMINISTER_OFFICERS) else (),
    )


def _node(visit: Visit, health: Health) -> Section:
    return Section(
        _("This node"),
        (
            Cell(_("Name"), health.node, "code"),
            Cell(_("Version"), health.version, "code"),
            Cell(_("Running for"), health.up_ms, "duration"),
            Cell(_("Entries held"), health.ledger, "number"),
            Cell(_("Behind the network"), health.behind_ms, "duration"),
            Cell(_("Waiting for the line"), health.waiting, "number"),
            Cell(_("Address"), visit.host.settings.address, "code"),
        ),
    )


def _registers(visit: Visit, desk: Bureau) -> Section:
    """How many records of each kind are held: figures, no content."""
    cells = []
    for name, count in sorted(desk.records.counted(visit.asker).items()):
        register, _colon, status = name.partition(":")
        label = register_label(visit.host.vocabulary, register)
        word = _("on record") if status == VALID else sentence(status).lower()
        cells.append(Cell(f"{label}, {word}", count, "number"))
    return Section(_("Registers"), tuple(cells))


def _refused(visit: Visit, desk: Bureau) -> Section:
    blocked = tuple(Cell(code, why) for code, why in desk.outbox.blocked())
    refused = desk.refusals.most_common(12) if visit.may(Act.MEASURE) else []
    return Section(_("Refused"), blocked + tuple(Cell(code, count, "number") for code, count in refused))


def _witnesses(desk: Bureau) -> Section:
    """How far the ledger was witnessed, and by whom."""
    standing = desk.witnesses.standing()
    if not standing.policy:
        return Section(_("Witnesses"), ())
    rows = tuple(
        Cell(one.name, one.cosigned_ms, "time") if one.cosigned_ms else Cell(one.name, _("Not this head"))
        for one in standing.witnesses
        if one.named
    )
    return Section(_("Witnesses"), (Cell(_("Entries witnessed"), standing.witnessed, "number"), *rows))


def _evidence(desk: Bureau) -> list[Section]:
    """What speaks against the ledger and is open, with both checkpoints as they were signed."""
    return [
        Section(
            _("Evidence %(number)d: %(what)s") % {"number": one.number, "what": HEADS[one.kind]},
            (
                Cell(_("When"), one.at_ms, "time"),
                Cell(_("Shown by"), one.source),
                Cell(_("What"), one.sentence),
                Cell(_("Held here"), one.ours.partition("\n\n")[0], "code"),
                Cell(_("Shown"), one.theirs.partition("\n\n")[0], "code"),
            ),
        )
        for one in desk.witnesses.evidence.listed()
        if not one.settled_ms
    ]


def _bureau_peers(visit: Visit, desk: Bureau, health: Health) -> list[PeerRow]:
    upper = PeerRow(
        name=desk.relay,
        label=desk.me.upper.label if desk.me.upper is not None else desk.relay,
        role=_("Relay"),
        state=_UP if health.line else _DOWN,
        delay_ms=health.behind_ms if health.line else None,
        seen_ms=desk.as_of(),
        waiting=health.waiting,
        version=health.version if visit.host.relay is not None else "",
    )
    posts = [
        PeerRow(
            name=one.name,
            label=one.label,
            role=_("Post"),
            state=_UP if one.connected else _DOWN,
            seen_ms=one.heard_ms,
        )
        for one in desk.posts.list_()
    ]
    return [upper, *posts]


def _post_peers(post: Post) -> list[PeerRow]:
    return [
        PeerRow(
            name=post.bureau.subject,
            label=post.bureau.label,
            role=_("Bureau"),
            state=_UP if post.hears() else _DOWN,
            seen_ms=post.heard_ms,
            waiting=post.to_tell(),
        )
    ]


def _extract(visit: Visit, post: Post) -> Section:
    stamp = post.extract.stamp
    cells = (
        Cell(_("Changes held"), post.extract.number, "number"),
        Cell(_("Knows up to"), stamp.as_of_ms, "time") if stamp else Cell(_("Knows up to"), ""),
        Cell(_("May be used until"), stamp.expires_ms, "time") if stamp else Cell(_("May be used until"), ""),
        Cell(_("Usable now"), post.extract.why_not(visit.now_ms) or _("Yes")),
    )
    return Section(_("Extract"), cells)


def _settings(visit: Visit) -> tuple[Setting, ...]:
    return tuple(
        Setting(name=one.path, value=str(held.value), origin=held.origin, sentence=one.sentence)
        for one, held in visit.host.settings.rows()
    )


HANDLERS = [state]
