"""Settings on officers' cards: certificates that a TLS terminator before the node has verified."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography import x509

from allpoints.ground.refusal import Refusal
from allpoints.identity.card import NO_CERTIFICATE, Terms
from allpoints.node.setting import Setting, are_blocks

if TYPE_CHECKING:
    from allpoints.node.settings import Settings

FILE_LIMIT_BYTES = 256 * 1024
LIST_LIMIT_BYTES = 16 * 1024 * 1024
SECRET_BYTES = (16, 1_024)
"""The shortest and the longest secret that a terminator shows."""
_LIST_MARK = b"-----BEGIN X509 CRL-----"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "card",
        "roots",
        str,
        "",
        "A PEM file with the roots to which officers' cards lead; empty for no cards. Relative to the node's folder.",
    ),
    Setting(
        "card", "between", str, "", "A PEM file with authorities between roots and cards, if there are any."
    ),
    Setting(
        "card",
        "revoked",
        str,
        "",
        "A file with the authorities' lists of revoked cards, PEM or DER, read anew at each sign-in; empty for none.",
    ),
    Setting(
        "card",
        "terminators",
        str,
        "",
        "Who ends TLS before this node and may say whose card it was: addresses or networks, separated by commas.",
    ),
    Setting(
        "card",
        "secret_file",
        str,
        "",
        "A file with the secret that a terminator shows with a card's certificate.",
    ),
    Setting(
        "card",
        "fresh",
        bool,
        False,
        "Take signing in with a card for a fresh proof: only where every handshake asks for the card's PIN.",
    ),
)

_TOGETHER = ("card.roots", "card.terminators", "card.secret_file")

T = TypeVar("T")


def rules(values: Mapping[str, Any]) -> tuple[tuple[str, bool, str], ...]:
    """What must hold of these settings: path, whether it does, and the sentence if it does not."""
    whole = all(values[path] for path in _TOGETHER)
    return (
        (
            "card.terminators",
            are_blocks(values["card.terminators"]),
            "Terminators are addresses or networks, such as 127.0.0.1 or 10.0.0.0/24.",
        ),
        *((path, not values[path] or whole, f"{', '.join(_TOGETHER)} go together.") for path in _TOGETHER),
    )


def terms(settings: "Settings") -> Terms | None:
    """Whose cards this node takes, with the lists as they are now; nothing where it takes none. SETTINGS-FILE."""
    roots = settings.text("card.roots")
    if not roots:
        return None
    between, revoked = settings.text("card.between"), settings.text("card.revoked")
    return Terms(
        tuple(_read(settings.folder / roots, "card.roots", x509.load_pem_x509_certificates)),
        tuple(_read(settings.folder / between, "card.between", x509.load_pem_x509_certificates))
        if between
        else (),
        bool(revoked),
        _lists(settings.folder / revoked) if revoked else (),
    )


def secret(settings: "Settings") -> bytes:
    """The secret that a terminator shows; empty where cards are not taken. Raises Refusal SETTINGS-FILE."""
    name = settings.text("card.secret_file")
    if not name:
        return b""
    path = settings.folder / name
    given = path.read_bytes().strip() if path.is_file() and path.stat().st_size <= SECRET_BYTES[1] else b""
    if len(given) < SECRET_BYTES[0] or not given.isascii():
        raise _no_file(path, "card.secret_file")
    return given


def _lists(path: Path) -> tuple[x509.CertificateRevocationList, ...]:
    """The lists in a file; none where it cannot be read, which lets nobody in until it can."""
    try:
        data = path.read_bytes() if path.stat().st_size <= LIST_LIMIT_BYTES else b""
        if _LIST_MARK in data:
            parts = data.split(_LIST_MARK)[1:]
            return tuple(x509.load_pem_x509_crl(_LIST_MARK + part) for part in parts)
        return (x509.load_der_x509_crl(data),)
    except (OSError, *NO_CERTIFICATE):
        return ()


def _read(path: Path, setting: str, load: Callable[[bytes], list[T]]) -> list[T]:
    try:
        if path.stat().st_size <= FILE_LIMIT_BYTES:
            return load(path.read_bytes())
    except (OSError, *NO_CERTIFICATE):
        pass
    raise _no_file(path, setting)


def _no_file(path: Path, setting: str) -> Refusal:
    return Refusal(
        "SETTINGS-FILE", f"There is nothing that fits in {path}.", path=setting, hint=f"Correct {setting}."
    )
