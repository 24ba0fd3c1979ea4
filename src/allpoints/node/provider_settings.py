"""Settings on an OpenID provider: the one of the country, for officers who sign in there already."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allpoints.ground.clock import Clock
from allpoints.ground.refusal import Refusal
from allpoints.identity.id_token import Terms
from allpoints.node.provider import Provider, Registration, on_this_machine
from allpoints.node.setting import Setting, words

if TYPE_CHECKING:
    from allpoints.node.settings import Settings

BACK = "/en/sign-in/provider/back"
"""Where the provider sends officers back to; registered there for this client."""
SECRET_LIMIT_BYTES = 1_024

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "provider",
        "issuer",
        str,
        "",
        "The OpenID provider at which officers sign in, by its issuer's address to the letter; empty for none.",
    ),
    Setting("provider", "client", str, "", "The name under which this node is registered at the provider."),
    Setting(
        "provider",
        "secret_file",
        str,
        "",
        "A file with the client's secret, relative to the node's folder; empty for a client without one.",
    ),
    Setting(
        "provider",
        "roots",
        str,
        "",
        "A PEM file with the certificates that the provider's TLS certificate leads to; empty for the system's.",
    ),
    Setting(
        "provider",
        "label",
        str,
        "",
        "What the button at sign-in calls the provider, such as Ministry of the Interior.",
    ),
    Setting(
        "provider",
        "acr",
        str,
        "",
        "How strongly the provider must have seen who it is: its acr values, separated by commas; one must hold.",
    ),
    Setting(
        "provider",
        "amr",
        str,
        "",
        "By which means the provider must have seen it: amr values, separated by commas; all must hold.",
    ),
)


def rules(values: Mapping[str, Any]) -> tuple[tuple[str, bool, str], ...]:
    """What must hold of these settings: path, whether it does, and the sentence if it does not."""
    issuer, client = values["provider.issuer"], values["provider.client"]
    together = "provider.issuer and provider.client go together."
    return (
        (
            "provider.issuer",
            not issuer or _is_issuer(issuer),
            "An issuer is an https address without a question mark or a fragment.",
        ),
        ("provider.issuer", not issuer or bool(client), together),
        ("provider.client", not client or bool(issuer), together),
    )


def _is_issuer(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    plain = text.isprintable() and " " not in text and not parts.username
    secure = parts.scheme == "https" or (parts.scheme == "http" and on_this_machine(host))
    return plain and secure and bool(host) and "?" not in text and "#" not in text


def provider(settings: "Settings", clock: Clock) -> Provider | None:
    """The provider of this node, if it has one; raises Refusal SETTINGS-FILE for a file that is not there."""
    issuer = settings.text("provider.issuer")
    if not issuer:
        return None
    terms = Terms(
        issuer,
        settings.text("provider.client"),
        frozenset(words(settings.text("provider.acr"))),
        frozenset(words(settings.text("provider.amr"))),
    )
    secret_file, roots = settings.text("provider.secret_file"), settings.text("provider.roots")
    secret = _secret(settings.folder / secret_file) if secret_file else ""
    tls = _tls(settings.folder / roots) if roots else ssl.create_default_context()
    registration = Registration(terms, f"{settings.address}{BACK}", secret)
    return Provider(registration, clock, tls)


def _secret(path: Path) -> str:
    if not path.is_file() or not 0 < path.stat().st_size <= SECRET_LIMIT_BYTES:
        raise _no_file(path, "provider.secret_file")
    return path.read_text(encoding="utf-8").strip()


def _tls(path: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:
        raise _no_file(path, "provider.roots") from error


def _no_file(path: Path, setting: str) -> Refusal:
    return Refusal(
        "SETTINGS-FILE", f"There is nothing that fits in {path}.", path=setting, hint=f"Correct {setting}."
    )
