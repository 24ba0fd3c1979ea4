"""The administrator's officers: who there is, what each may do, and how each proves to be the one."""

from litestar import Response, get, post
from litestar.params import FromPath

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import enrolment, officers, vouched
from allpoints.identity.officers import ROLES, Officer
from allpoints.identity.policy import Act
from allpoints.node.officer_desk import OfficerDesk
from allpoints.registers.visibility import certifiable
from allpoints.web.api.vouching import vouched_value
from allpoints.web.pages.account import fresh, passkey_rows, permissions, session_rows
from allpoints.web.pages.showing import register_label
from allpoints.web.pages.signing_in import passwords_off
from allpoints.web.pages.visit import AnyRequest, Entered, Visit, faults_in
from allpoints.web.views.common import Input, Option, filled
from allpoints.web.views.proving import OfficerPage, OfficerRow, OfficersPage, SecretPage, VouchedRow
from allpoints.web.words import _

PAGE = "/en/officers"
_ROLE_WORDS = {
    "border": _("Border"),
    "desk": _("Desk"),
    "reviewer": _("Reviewer"),
    "command": _("Command centre"),
    "administrator": _("Administrator"),
    "overseer": _("Overseer: reads the audit log, and nothing that it is about"),
    "outsider": _("Outsider"),
}


def officer_desk(visit: Visit) -> OfficerDesk:
    """The officers of this node."""
    return OfficerDesk(visit.host.office, visit.host.vocabulary)


def roles(held: tuple[str, ...] = ()) -> Input:
    """The roles that there are, with those that are held."""
    options = tuple(Option(role, _ROLE_WORDS[role]) for role in ROLES)
    return Input(
        name="roles", label=_("Roles"), kind="checkboxes", options=options, values=held, required=True
    )


def inputs() -> tuple[Input, ...]:
    """``name`` and ``roles`` of an officer who is added."""
    hint = _("Small letters and digits, with . _ - inside.")
    return (
        Input(name="name", label=_("Name"), kind="literal", required=True, max_length=64, hint=hint),
        roles(),
    )


def _kinds() -> dict[str, str]:
    return {
        vouched.PROVIDER: _("Subject at the provider"),
        vouched.CARD: _("Certificate of a card, by its SHA-256"),
        vouched.CARD_SUBJECT: _("Subject of a card's certificates"),
    }


def vouching(visit: Visit) -> tuple[Input, ...]:
    """``kind`` and ``value`` of what is said to be an officer; nothing where nobody could vouch."""
    cards = visit.console.cards
    able = {
        vouched.PROVIDER: visit.console.provider is not None,
        vouched.CARD: cards,
        vouched.CARD_SUBJECT: cards,
    }
    options = tuple(Option(kind, word) for kind, word in _kinds().items() if able[kind])
    if not options:
        return ()
    return (
        Input(name="kind", label=_("Kind"), kind="select", options=options, required=True),
        Input(
            name="value",
            label=_("Subject or certificate"),
            kind="literal",
            required=True,
            max_length=vouched.VALUE_LIMIT_CHARACTERS,
            hint=_("As the provider or the card's issuer has it; compare it with the officer."),
        ),
    )


def vouched_rows(visit: Visit, name: str) -> tuple[VouchedRow, ...]:
    """The subjects and certificates that are an officer, as pages list them."""
    return tuple(
        VouchedRow(
            id=one.id,
            kind=_kinds()[one.kind],
            value=one.value,
            created_ms=one.created_ms,
            used_ms=one.used_ms,
        )
        for one in vouched.list_vouched(visit.host.office.db, name)
    )


def _proofs(one: Officer) -> str:
    words = (
        (one.passkeys > 0, _("passkey")),
        (one.vouched > 0, _("provider or card")),
        (one.has_password, _("password")),
        (one.has_token, _("token")),
    )
    return ", ".join(word for held, word in words if held)


@get([PAGE, f"{PAGE}.json"])
async def index(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    return visit.page("officers", await _list(visit))


async def _list(
    visit: Visit, kept: dict[str, str | tuple[str, ...]] | None = None, faults: tuple[Fault, ...] = ()
) -> OfficersPage:
    found = await visit.do(lambda: officer_desk(visit).list_(visit.asker))
    rows = tuple(
        OfficerRow(
            name=one.name,
            href=f"{PAGE}/{one.name}",
            roles=", ".join(_ROLE_WORDS[role] for role in ROLES if role in one.roles),
            certified=", ".join(
                register_label(visit.host.vocabulary, name) for name in sorted(one.certified)
            ),
            proofs=_proofs(one),
            created_ms=one.created_ms,
        )
        for one in found
    )
    return OfficersPage(
        rows=rows, fresh=fresh(visit), inputs=filled(inputs(), kept or {}, faults), errors=faults
    )


@post(PAGE, status_code=200)
async def add(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    entered = await visit.entered()
    name, wanted = entered.text("name"), entered.several("roles")
    try:
        code = await visit.do(lambda: officer_desk(visit).add(visit.asker, name, wanted))
    except Refusal as refusal:
        faults = faults_in(refusal, ("name", "roles"))
        kept: dict[str, str | tuple[str, ...]] = {"name": name, "roles": wanted}
        return visit.page("officers", await _list(visit, kept, faults), status=422)
    return visit.page("secret", _code_page(name, code))


def _code_page(name: str, code: str) -> SecretPage:
    return SecretPage(
        title=_("Enrolment code"),
        sentence=_("Give it to the officer in person or by telephone. It is not shown again and ends soon."),
        secret=code,
        onward=f"{PAGE}/{name}",
        onward_label=_("Back to the officer"),
    )


@get([PAGE + "/{name:str}", PAGE + "/{name:str}.json"])
async def officer(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require(Act.ADMINISTER_OFFICERS)
    return visit.page("officer", _view(visit, name.removesuffix(".json")))


def _view(visit: Visit, name: str, errors: tuple[Fault, ...] = ()) -> OfficerPage:
    db, vocabulary = visit.host.office.db, visit.host.vocabulary
    held = officers.existing(db, name)
    named = [Option(one, register_label(vocabulary, one)) for one in certifiable(vocabulary)]
    left = tuple(one for one in named if one.value not in held.certified)
    certify = Input(name="register", label=_("Register"), kind="select", options=left, required=True)
    return OfficerPage(
        officer=name,
        fresh=fresh(visit),
        proofs=_proofs(held),
        code_ends_ms=enrolment.code_ends_ms(db, name),
        passwords=visit.console.passwords,
        roles=roles(tuple(sorted(held.roles))),
        passkeys=passkey_rows(visit, name),
        sessions=session_rows(visit, name),
        vouched=vouched_rows(visit, name),
        vouching=vouching(visit),
        certified=tuple(one for one in named if one.value in held.certified),
        certifiable=certify if left and visit.host.bureau is not None else None,
        permissions=permissions(),
        errors=errors,
    )


@post(PAGE + "/{name:str}", status_code=200)
async def change(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require(Act.ADMINISTER_OFFICERS)
    entered = await visit.entered()
    wanted = entered.text("act")
    if wanted == "password" and not visit.console.passwords:
        raise passwords_off()
    try:
        secret = await visit.do(lambda: _acted(visit, name, wanted, entered))
    except Refusal as refusal:
        if refusal.status not in {409, 422}:
            raise
        return visit.page("officer", _view(visit, name, (refusal.fault(),)), status=refusal.status)
    visit.console.access.forget()
    if wanted == "code":
        return visit.page("secret", _code_page(name, secret))
    if secret:
        return visit.page("secret", _secret_page(name, wanted, secret))
    return visit.go(PAGE if wanted == "remove" else f"{PAGE}/{name}", _("The officer was changed."))


def _secret_page(name: str, kind: str, secret: str) -> SecretPage:
    return SecretPage(
        title=_("Token") if kind == "token" else _("Password"),
        sentence=_("It is not shown again. What it replaces has ended."),
        secret=secret,
        onward=f"{PAGE}/{name}",
        onward_label=_("Back to the officer"),
    )


def _acted(visit: Visit, name: str, wanted: str, entered: Entered) -> str:
    """Do what is wanted with an officer; answers with what is shown once, if anything."""
    desk, asker = officer_desk(visit), visit.asker
    match wanted:
        case "code":
            return desk.code(asker, name)
        case "password":
            return desk.password(asker, name)
        case "token":
            return desk.token(asker, name, entered.several("may"))
        case "roles":
            desk.roles(asker, name, entered.several("roles"))
        case "certify":
            desk.certify(asker, name, entered.text("register"))
        case "decertify":
            desk.decertify(asker, name, entered.text("register"))
        case "end-sessions":
            desk.end_sessions(asker, name)
        case "remove-passkey":
            desk.remove_passkey(asker, name, entered.text("passkey"))
        case "vouch":
            kind, value = entered.text("kind"), entered.text("value")
            desk.vouch(asker, name, kind, vouched_value(visit.host, kind, value))
        case "unvouch":
            desk.unvouch(asker, name, entered.text("vouched"))
        case "remove":
            desk.remove(asker, name)
        case _:
            raise Refusal("NOT-FOUND", "There is no such act.", status=404)
    return ""


HANDLERS = [index, add, officer, change]
