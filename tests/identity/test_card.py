"""Cards: those of the country's own authority, for signing in, in their time and not revoked; and no others."""

import base64
import datetime as dt
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from tests.identity.country_ca import CLIENT, DAY, SERVER, CountryCa, Issued, now

from allpoints.ground.refusal import Refusal
from allpoints.identity import card
from allpoints.identity.card import Terms

NOW_MS = int(now().timestamp() * 1_000)
CA = CountryCa()
ANNA = CA.issue("Anna Rask")
TERMS = Terms((CA.certificate,))


def lists(*pem: bytes) -> Terms:
    return Terms((CA.certificate,), (), True, tuple(x509.load_pem_x509_crl(one) for one in pem))


def refused(shown: Issued, terms: Terms = TERMS) -> str:
    with pytest.raises(Refusal) as caught:
        card.check(shown.certificate, terms, NOW_MS)
    return f"{caught.value.code} {caught.value.path}".strip()


def test_a_card_of_the_countrys_authority_holds() -> None:
    held = card.check(ANNA.certificate, TERMS, NOW_MS)
    assert held.fingerprint == ANNA.fingerprint
    assert held.subject == "CN=Anna Rask,O=Police of Arvandia,C=XA"


def test_a_card_of_an_authority_between_holds_where_that_is_known() -> None:
    between = CountryCa("Cards of the coast", above=CA)
    shown = between.issue("Bruno")
    known = Terms((CA.certificate,), (between.certificate,))
    assert card.check(shown.certificate, known, NOW_MS).subject.startswith("CN=Bruno")
    assert refused(shown) == "CARD-REFUSED chain"


@pytest.mark.parametrize(
    "shown",
    [
        CountryCa().issue("Anna Rask"),
        CA.issue("Server", uses=(SERVER,)),
        CA.issue("Any", uses=()),
        CA.issue("Any", uses=(x509.ObjectIdentifier("2.5.29.37.0"),)),
        CA.issue("Old", begins=now() - 3 * DAY, ends=now() - DAY),
        CA.issue("Early", begins=now() + DAY, ends=now() + 3 * DAY),
        CA.issue("Authority", authority=True),
        Issued(CA.certificate, CA.key),
    ],
    ids=["another authority", "server", "no use", "any use", "old", "early", "authority", "root"],
)
def test_what_is_no_card_of_now_is_refused(shown: Issued) -> None:
    assert refused(shown) == "CARD-REFUSED chain"


def test_a_card_signed_by_a_card_is_none() -> None:
    """Whoever has a card cannot make one."""
    forged = _signed_by_card()
    assert refused(forged, Terms((CA.certificate,), (ANNA.certificate,))) == "CARD-REFUSED chain"


def _signed_by_card() -> Issued:
    maker = CountryCa()
    maker.key, maker.name = ANNA.key, ANNA.certificate.subject
    return maker.issue("Forged")


def test_a_revoked_card_is_refused_and_another_is_not() -> None:
    other = CA.issue("Bruno")
    terms = lists(CA.revoked(ANNA))
    assert refused(ANNA, terms) == "CARD-REFUSED revoked"
    assert card.check(other.certificate, terms, NOW_MS).fingerprint == other.fingerprint


def test_without_a_list_that_holds_now_nobody_comes_in() -> None:
    assert card.check(ANNA.certificate, lists(CA.revoked()), NOW_MS)
    for pem in (
        CA.revoked(next_update=now() - dt.timedelta(hours=1)),
        CountryCa().revoked(),
        CA.revoked(signer=CountryCa()),
    ):
        assert refused(ANNA, lists(pem)) == "CARD-LIST-OLD"
    assert refused(ANNA, lists()) == "CARD-LIST-OLD"


def test_an_authority_between_that_was_revoked_takes_its_cards_along() -> None:
    between = CountryCa("Cards of the coast", above=CA)
    shown = between.issue("Bruno")
    both = [x509.load_pem_x509_crl(one) for one in (CA.revoked(), between.revoked())]
    known = Terms((CA.certificate,), (between.certificate,), True, tuple(both))
    assert card.check(shown.certificate, known, NOW_MS)
    gone = CA.revoked(Issued(between.certificate, between.key))
    lost = Terms(known.roots, known.between, True, (x509.load_pem_x509_crl(gone), both[1]))
    assert refused(shown, lost) == "CARD-REFUSED revoked"


def test_a_certificate_is_read_in_both_forms_of_the_header() -> None:
    for header in (f":{base64.b64encode(ANNA.der).decode()}:", quote(ANNA.pem.decode())):
        assert card.read(header) == ANNA.certificate
    with pytest.raises(Refusal, match="No card was shown"):
        card.read("")
    two = quote((ANNA.pem + CA.certificate.public_bytes(Encoding.PEM)).decode())
    for header in (two, ":" + "A" * 20_000 + ":", "::", ":", quote(ANNA.pem.decode())[:-40], "CN=Anna Rask"):
        with pytest.raises(Refusal, match="no certificate"):
            card.read(header)


def test_no_flipped_byte_of_a_card_is_taken() -> None:
    """But for one: how many bits of the signature's last byte are unused. All that is signed, and the key, stay."""
    taken = []
    for place in range(len(ANNA.der)):
        altered = bytearray(ANNA.der)
        altered[place] ^= 1
        header = f":{base64.b64encode(bytes(altered)).decode()}:"
        try:
            shown = card.read(header)
            held = card.check(shown, TERMS, NOW_MS)
        except Refusal:
            continue
        taken.append(place)
        assert shown.tbs_certificate_bytes == ANNA.certificate.tbs_certificate_bytes
        assert shown.signature == ANNA.certificate.signature
        assert held.fingerprint != ANNA.fingerprint
    assert taken in ([], [ANNA.der.rindex(ANNA.certificate.signature) - 1])


@given(st.text() | st.binary().map(lambda data: f":{base64.b64encode(data).decode()}:"))
def test_no_header_but_a_certificate_is_read(header: str) -> None:
    with pytest.raises(Refusal):
        card.read(header)


def test_uses_beside_that_of_clients_do_no_harm() -> None:
    assert card.check(CA.issue("Anna", uses=(SERVER, CLIENT)).certificate, TERMS, NOW_MS)
