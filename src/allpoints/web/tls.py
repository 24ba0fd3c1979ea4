"""The certificate with which a node serves TLS itself."""

from allpoints.node.settings import Settings


def certificate_file(settings: Settings) -> str | None:
    """The PEM file with the certificate, None when TLS ends before this node."""
    return _file(settings, "web.certificate")


def key_file(settings: Settings) -> str | None:
    """The PEM file with its private key."""
    return _file(settings, "web.key")


def _file(settings: Settings, path: str) -> str | None:
    name = settings.text(path)
    return str(settings.folder / name) if name else None
