"""Security headers: everything from this host, nothing inline, nothing kept."""

from collections.abc import Mapping
from types import MappingProxyType

_SOURCES = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

CONTENT_SECURITY_POLICY = "; ".join(f"{kind} {allowed}" for kind, allowed in _SOURCES.items())

_EVERYWHERE = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}

PAGE_HEADERS: Mapping[str, str] = MappingProxyType({**_EVERYWHERE, "Cache-Control": "no-store"})
"""For pages, fragments and ``.json`` twins: a shared machine's cache keeps no disclosure."""

STATIC_HEADERS: Mapping[str, str] = MappingProxyType(
    {**_EVERYWHERE, "Cache-Control": "public, max-age=31536000, immutable"}
)
"""For ``/static``: the names carry a hash of the content."""

FEED_HEADERS: Mapping[str, str] = MappingProxyType(
    {**PAGE_HEADERS, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
)

SECURE_TRANSPORT: Mapping[str, str] = MappingProxyType(
    {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
)
"""Added where the node is served over TLS."""
