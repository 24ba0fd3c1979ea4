"""Every component in every state on one page, for whoever changes the console."""

from functools import cache

from litestar import Response, get

from allpoints.identity.policy import Act
from allpoints.web import catalogue
from allpoints.web.pages.visit import AnyRequest, Visit
from allpoints.web.views.components import Component, ComponentsPage

_catalogue = cache(catalogue.load)


@get("/en/components")
async def components(request: AnyRequest) -> Response[bytes]:
    visit = Visit.open(request)
    visit.require(Act.LOOK_AT_PARTS)
    known: tuple[Component, ...] = _catalogue()
    page = ComponentsPage(
        components=known,
        direction="rtl" if visit.query("direction") == "rtl" else "ltr",
        scheme="dark" if visit.query("scheme") == "dark" else "light",
    )
    return visit.page("components", page)


HANDLERS = [components]
