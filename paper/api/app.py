"""The application of the API: each operation behind one way in, which knows who asks before anything is read."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paper.api import accounts, answers, keys, orders, profiles, sessions, settings, trades, trail, wallets
from paper.api.bodies import read_body, read_fields, read_object
from paper.api.description import describe
from paper.api.guard import Guard
from paper.api.membership import Membership
from paper.api.operations import Access, Asked, Operation
from paper.users.audit import OPERATOR, Origin
from paper.users.records import Role
from paper.users.refusals import Forbidden, Unknown
from paper.users.sessions import Session, authenticate
from paper.users.signed_tokens import Type
from serving.addresses import find_client, find_house

OURS = re.compile(r"/api(/(?!v[0-9])|$)")
Handler = Callable[[Request], Awaitable[Response]]
DOCUMENT = "/api/openapi.json"
OPERATIONS: tuple[Operation, ...] = (
    *accounts.OPERATIONS,
    *sessions.OPERATIONS,
    *profiles.OPERATIONS,
    *keys.OPERATIONS,
    *settings.OPERATIONS,
    *orders.OPERATIONS,
    *trades.OPERATIONS,
    *wallets.OPERATIONS,
    *trail.OPERATIONS,
)


def make_api(membership: Membership) -> Guard:
    """The ASGI application of everything under `/api` that is not the exchange's protocol."""
    methods: defaultdict[str, dict[str, Handler]] = defaultdict(dict)
    for one in OPERATIONS:
        methods[one.path][one.method] = _route(membership, one)
    paths = [Route(path, _choose(found), methods=[*found]) for path, found in methods.items()]
    document = describe(OPERATIONS)
    paths.append(Route(DOCUMENT, lambda request: answers.write(200, document), methods=["GET"]))
    app = Starlette(routes=paths, exception_handlers=answers.HANDLERS)
    app.router.redirect_slashes = False  # a path with another end is another path
    return Guard(app, membership.policy.names)


def _choose(found: Mapping[str, Handler]) -> Handler:
    """What answers a path, by the method; HEAD is GET without its body."""

    async def answered(request: Request) -> Response:
        return await found["GET" if request.method == "HEAD" else request.method](request)

    return answered


def stand_beside(exchange: Any, api: Any) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """One ASGI application of both: the exchange's own paths under `/api` begin with the version of its protocol."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        is_ours = scope["type"] == "http" and OURS.match(scope["path"])
        await (api if is_ours else exchange)(scope, receive, send)

    return app


def _route(membership: Membership, operation: Operation) -> Handler:
    async def answered(request: Request) -> Response:
        asked = await _hear(membership, operation, request)
        membership.venue.journal.require_room()
        status, body = await operation.answer(asked)
        await membership.venue.journal.committed()
        return answers.write(status, body)

    return answered


async def _hear(membership: Membership, operation: Operation, request: Request) -> Asked:
    """Who asks what. Raises Refused, in this order: too often, unknown, not for this role, not to be read."""
    now, address = membership.now(), _address(membership, request)
    if operation.is_counted:
        membership.calls.count(find_house(address), now)
    _authenticate(membership, operation, request)
    body = read_object(await read_body(request))
    session = _authenticate(membership, operation, request)  # anew: it may have ended while the body came
    values = read_fields(body, operation.body) | read_fields(_query(request), operation.query)
    actor = str(session.user.id) if session else OPERATOR if operation.access is Access.ADMIN else ""
    return Asked(
        membership=membership,
        values=values,
        path=request.path_params,
        origin=Origin(actor=actor, address=address, agent=request.headers.get("user-agent", "")),
        now=membership.now(),
        shown=session,
        house=find_house(address),
    )


def _authenticate(membership: Membership, operation: Operation, request: Request) -> Session | None:
    """The session of who asks; None where nobody needs one, or where whoever runs the platform asks. Cookies count nothing."""
    if operation.access is Access.OPEN:
        return None
    now = membership.now()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unknown
    try:
        session = authenticate(membership.directory, membership.signer, token.strip(), now)
    except Unknown:
        if operation.access is not Access.ADMIN:
            raise
        membership.signer.read(token.strip(), Type.OPERATOR, now)
        return None
    if operation.access is Access.ADMIN and session.user.role is not Role.ADMIN:
        raise Forbidden("Only for admins.")
    return session


def _query(request: Request) -> dict[str, Any]:
    return _once(request.query_params.multi_items())


def _once(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The parameters; one that stands there twice has both as its value, which nothing takes."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = [found[name], value] if name in found else value
    return found


def _address(membership: Membership, request: Request) -> str:
    peer = request.client.host if request.client else ""
    return find_client(peer, request.headers.getlist("x-forwarded-for"), membership.policy.proxies)
