"""Enrolling, confirming, one's own account and the administrator's officers."""

import msgspec
from tests.web.samples.frame import NOW, Sample, session

from allpoints.ground.clock import DAY, HOUR, MINUTE
from allpoints.ground.refusal import Fault
from allpoints.web.pages import account, emergency, enrolling, officers
from allpoints.web.views import proving
from allpoints.web.views.common import Countdown, Input, Option, State, filled
from allpoints.web.views.emergency import AccessRow, EmergencyPage

PASSKEYS = (
    proving.PasskeyRow(
        id="0f1e",
        label="Blue key",
        model="d8522d9f-575b-4866-88a9-ba99fa02f35b",
        created_ms=NOW - 40 * DAY,
        used_ms=NOW,
    ),
    proving.PasskeyRow(
        id="2d3c",
        label="مفتاح",
        model="00000000-0000-0000-0000-000000000000",
        created_ms=NOW - DAY,
        used_ms=0,
    ),
)
VOUCHED = (
    proving.VouchedRow(
        id="1f8b",
        kind="Subject at the provider",
        value="https://id.police.example/realms/officers 8f1c2d",
        created_ms=NOW - DAY,
        used_ms=NOW,
    ),
    proving.VouchedRow(
        id="2c9d",
        kind="Certificate of a card, by its SHA-256",
        value="5f1d9c02e7a4b855309be1c07d2a6f34817c1d92be03f55a6c7b20e94d18a7c3",
        created_ms=NOW - DAY,
        used_ms=0,
    ),
)
SESSIONS = (
    proving.SessionRow(id="aa", method="Passkey", started_ms=NOW - HOUR, seen_ms=NOW, here=True),
    proving.SessionRow(
        id="bb", method="Password", started_ms=NOW - 2 * HOUR, seen_ms=NOW - MINUTE, here=False
    ),
)


def proof_samples() -> tuple[Sample, ...]:
    return (*_enrolling(), *_account(), *_officers(), *_emergency())


def _enrolling() -> tuple[Sample, ...]:
    frame = msgspec.structs.replace(session("/en/enrol"), officer="", roles=(), ends_ms=0)
    fault = Fault("CODE-REFUSED", "Name and code do not belong together.", "code", "Ask for a new code.")
    inputs = enrolling.inputs()
    secret = proving.SecretPage(
        title="Your password",
        sentence="It is not shown again.",
        secret="k7mq-2w9x-hd4t-ab3z-p8rn",
        onward="/en/sign-in",
        onward_label="Sign in",
    )
    return (
        Sample("enrol", "enrol", proving.EnrolPage(inputs=inputs, passwords=True), frame),
        Sample(
            "enrol-refused",
            "enrol",
            proving.EnrolPage(
                inputs=filled(inputs, {"name": "terlan"}, (fault,)), passwords=False, errors=(fault,)
            ),
            frame,
        ),
        Sample("secret", "secret", secret, frame),
    )


def _account() -> tuple[Sample, ...]:
    frame = session("/en/account")
    page = proving.AccountPage(
        officer="terlan",
        fresh=True,
        passkeys=PASSKEYS,
        sessions=SESSIONS,
        has_password=True,
        has_token=True,
        label=enrolling.passkey_label(),
        permissions=account.permissions(),
    )
    stale = msgspec.structs.replace(page, fresh=False, passkeys=(), sessions=SESSIONS[:1], has_token=False)
    verify = proving.VerifyPage(
        next="/en/account", passkey=True, password=True, provider="Police of Arvandia"
    )
    refused = proving.VerifyPage(
        next="",
        passkey=False,
        password=True,
        errors=(Fault("SIGN-IN-REFUSED", "Name and password do not belong together.", "password"),),
    )
    return (
        Sample("account", "account", page, frame),
        Sample("account-stale", "account", stale, frame),
        Sample("verify", "verify", verify, session("/en/verify")),
        Sample("verify-refused", "verify", refused, session("/en/verify")),
    )


def _officers() -> tuple[Sample, ...]:
    frame = session("/en/officers", roles=("administrator",))
    rows = (
        proving.OfficerRow(
            name="a.terlan",
            href="/en/officers/a.terlan",
            roles="Border, Desk",
            certified="Ballistics",
            proofs="passkey, token",
            created_ms=NOW - 90 * DAY,
        ),
        proving.OfficerRow(
            name="m.orel", href="/en/officers/m.orel", roles="Desk", certified="", proofs="", created_ms=NOW
        ),
    )
    fault = Fault("OFFICER-EXISTS", "There is an officer m.orel already.", "name")
    inputs = officers.inputs()
    one = proving.OfficerPage(
        officer="a.terlan",
        fresh=True,
        proofs="passkey",
        code_ends_ms=NOW + HOUR,
        passwords=True,
        roles=officers.roles(("border", "desk")),
        passkeys=PASSKEYS,
        vouched=VOUCHED,
        vouching=(
            msgspec.structs.replace(officers.roles(), name="kind", label="Kind", kind="select"),
            Input(name="value", label="Subject or certificate", kind="literal", required=True),
        ),
        sessions=SESSIONS,
        certified=(Option("ballistics", "Ballistics"),),
        certifiable=msgspec.structs.replace(
            officers.roles(), name="register", label="Register", kind="select"
        ),
        permissions=account.permissions(),
    )
    stale = msgspec.structs.replace(one, fresh=False, code_ends_ms=0, proofs="")
    return (
        Sample("officers", "officers", proving.OfficersPage(rows=rows, fresh=False), frame),
        Sample(
            "officers-refused",
            "officers",
            proving.OfficersPage(
                rows=rows, fresh=True, inputs=filled(inputs, {"name": "m.orel"}, (fault,)), errors=(fault,)
            ),
            frame,
        ),
        Sample("officer", "officer", one, frame),
        Sample("officer-stale", "officer", stale, frame),
    )


def _emergency() -> tuple[Sample, ...]:
    frame = session("/en/emergency")
    going = AccessRow(
        number=3,
        officer="a.terlan",
        opened="Ballistics",
        reason="A shot was heard at the quay; the case may be the one of Monday.",
        opened_ms=NOW - 10 * MINUTE,
        ends_ms=NOW + 20 * MINUTE,
        ended_by="",
        clock=Countdown(label="ends in", ends_ms=NOW + 20 * MINUTE, starts_ms=NOW - 10 * MINUTE),
        state=State("Open", "bad"),
        ends=True,
    )
    waits = AccessRow(
        number=2,
        officer="m.orel",
        opened="Work of a desk",
        reason="A child was missing.",
        opened_ms=NOW - DAY,
        ends_ms=NOW - DAY + 30 * MINUTE,
        ended_by="m.orel",
        state=State("To review", "bad"),
        reviews=True,
    )
    done = msgspec.structs.replace(
        waits, number=1, state=State("Justified", "good"), reviewer="a.dali", review="Yes.", reviews=False
    )
    fault = Fault("NO-REASON", "Say why this cannot wait.", "reason")
    asked = filled(emergency.inputs(), {"register": "ballistics"}, (fault,))
    off = EmergencyPage(allowed=False, fresh=False)
    opening = EmergencyPage(allowed=True, fresh=True, inputs=asked, errors=(fault,))
    open_ = EmergencyPage(allowed=True, fresh=True, waits=True, rows=(going,))
    review = EmergencyPage(
        allowed=True,
        fresh=True,
        inputs=emergency.inputs(),
        review=emergency.review_inputs(),
        reviewing=2,
        rows=(waits, msgspec.structs.replace(waits, number=4), done),
    )
    within = msgspec.structs.replace(frame, emergency_ends_ms=NOW + 20 * MINUTE)
    administrator = session("/en/emergency", roles=("administrator",))
    return (
        Sample("emergency-off", "emergency", off, frame),
        Sample("emergency", "emergency", opening, frame),
        Sample("emergency-open", "emergency", open_, within),
        Sample("emergency-review", "emergency", review, administrator),
    )
