"""One's own account: passkeys, sessions, and the token of one's programs."""

from collections.abc import Callable

from litestar import Response, get, post

from allpoints.ground.refusal import Fault, Refusal
from allpoints.identity import officers, passkeys, policy, sessions, tokens
from allpoints.identity.officers import ADMINISTER, PERMISSIONS, has_proved
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.web.pages import proving
from allpoints.web.pages.enrolling import passkey_label
from allpoints.web.pages.visit import AnyRequest, Entered, Visit
from allpoints.web.views.common import Input, Option
from allpoints.web.views.proving import AccountPage, PasskeyRow, SecretPage, SessionRow
from allpoints.web.words import _

PAGE = "/en/account"


def permissions() -> Input:
    """What a token may be made for."""
    words = {
        "export": Option("export", _("Take records out as files")),
        "administer": Option("administer", _("Change officers")),
    }
    return Input(
        name="may",
        label=_("Beyond asking, the token may"),
        kind="checkboxes",
        options=tuple(words[one] for one in PERMISSIONS),
    )


def fresh(visit: Visit) -> bool:
    """Whether what needs a fresh proof can be done now."""
    return has_proved(visit.asker, "", visit.now_ms)


def _require_proved(visit: Visit) -> None:
    """Refuse a change of one's own account without a fresh proof; no token is made for it."""
    policy.require_proved(visit.host.vocabulary, visit.asker, Act.CHANGE_ACCOUNT, visit.now_ms)


def passkey_rows(visit: Visit, name: str) -> tuple[PasskeyRow, ...]:
    """The passkeys of an officer, as pages list them."""
    return tuple(
        PasskeyRow(
            id=one.id, label=one.label, model=one.model, created_ms=one.created_ms, used_ms=one.used_ms
        )
        for one in passkeys.list_passkeys(visit.host.office.db, name)
    )


def session_rows(visit: Visit, name: str) -> tuple[SessionRow, ...]:
    """The sessions of an officer, as pages list them."""
    words = {
        "password": _("Password"),
        "passkey": _("Passkey"),
        "provider": _("Provider"),
        "card": _("Card"),
    }
    here = sessions.session_id(visit.asker.binding)
    return tuple(
        SessionRow(
            id=one.id,
            method=words.get(one.method, one.method),
            started_ms=one.started_ms,
            seen_ms=one.seen_ms,
            here=one.id == here,
        )
        for one in sessions.list_sessions(visit.host.office.db, name, visit.now_ms)
    )


@get([PAGE, f"{PAGE}.json"])
async def account(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    return visit.page("account", _view(visit))


def _view(visit: Visit, errors: tuple[Fault, ...] = ()) -> AccountPage:
    name = visit.asker.officer
    held = officers.existing(visit.host.office.db, name)
    return AccountPage(
        officer=name,
        fresh=fresh(visit),
        passkeys=passkey_rows(visit, name),
        sessions=session_rows(visit, name),
        has_password=held.has_password,
        has_token=held.has_token,
        label=passkey_label(),
        permissions=permissions(),
        errors=errors,
    )


@post(f"{PAGE}/options", status_code=200)
async def options(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    await visit.entered()

    def made() -> dict[str, object]:
        _require_proved(visit)
        return proving.registration_options(visit.console, passkeys.ADD, visit.secret, visit.asker.officer)

    return proving.options_answer(visit.console, await visit.do(made))


@post(PAGE)
async def change(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    entered = await visit.entered()
    act = _ACTS.get(entered.text("act"))
    if act is None:
        raise Refusal("NOT-FOUND", "There is no such act.", status=404)

    def done() -> str:
        _require_proved(visit)
        return act(visit, entered)

    try:
        secret = await visit.do(done)
    except Refusal as refusal:
        if refusal.status not in {409, 422}:
            raise
        return visit.page("account", _view(visit, (refusal.fault(),)), status=refusal.status)
    visit.console.access.forget()
    if secret:
        return visit.page("secret", _token_page(secret))
    return visit.go(PAGE, _("Your account was changed."))


def _token_page(secret: str) -> SecretPage:
    return SecretPage(
        title=_("Your token"),
        sentence=_("It is not shown again. An earlier token has ended."),
        secret=secret,
        onward=PAGE,
        onward_label=_("Back to your account"),
    )


def _add_passkey(visit: Visit, entered: Entered) -> str:
    proving.enrol_passkey(visit.console, visit.asker.officer, entered, passkeys.ADD, visit.secret)
    return ""


def _remove_passkey(visit: Visit, entered: Entered) -> str:
    db, name, passkey = visit.host.office.db, visit.asker.officer, entered.text("passkey")
    passkeys.remove_passkey(db, name, passkey)
    audit.record(db, "officer:passkey-removed", visit.asker, visit.now_ms, name=name, passkey=passkey)
    return ""


def _end_session(visit: Visit, entered: Entered) -> str:
    db, name = visit.host.office.db, visit.asker.officer
    sessions.end_session(db, name, entered.text("session"))
    audit.record(db, "officer:sessions-ended", visit.asker, visit.now_ms, name=name, count=1)
    return ""


def _end_others(visit: Visit, _entered: Entered) -> str:
    db, name = visit.host.office.db, visit.asker.officer
    ended = sessions.end_all(db, name, but=visit.secret)
    audit.record(db, "officer:sessions-ended", visit.asker, visit.now_ms, name=name, count=ended)
    return ""


def _issue_token(visit: Visit, entered: Entered) -> str:
    db, name, may = visit.host.office.db, visit.asker.officer, sorted(set(entered.several("may")))
    if ADMINISTER in may:
        visit.require(Act.ADMINISTER_OFFICERS)
    issued = tokens.issue_token(db, name, visit.now_ms, may)
    audit.record(db, "officer:token", visit.asker, visit.now_ms, name=name, may=" ".join(may))
    return issued


def _revoke_token(visit: Visit, _entered: Entered) -> str:
    db, name = visit.host.office.db, visit.asker.officer
    tokens.revoke_token(db, name)
    audit.record(db, "officer:token-ended", visit.asker, visit.now_ms, name=name)
    return ""


_ACTS: dict[str, Callable[[Visit, Entered], str]] = {
    "add-passkey": _add_passkey,
    "remove-passkey": _remove_passkey,
    "end-session": _end_session,
    "end-others": _end_others,
    "issue-token": _issue_token,
    "revoke-token": _revoke_token,
}

HANDLERS = [account, options, change]
