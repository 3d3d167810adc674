"""The login before the pages: asks for the password, and answers nobody without a session but with health and style.

It stands behind the guard, which has looked at names and origins: a form that comes here is one of our own pages'.
"""

import asyncio
import math
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, JSONResponse, Response

from dashboard.access.attempts import Attempts
from dashboard.access.forms import BadForm, find_next, find_target, read_form
from dashboard.access.password import fits
from dashboard.access.sessions import Sessions, read_cookies, write_cookie
from dashboard.render import render_login
from serving.addresses import find_house

LOGIN, LOGOUT = "/login", "/logout"
HEALTH, STATIC = "/health", "/static/"
MOST_WAITING = 8  # logins; a password takes some tenths of a second
STRANGER = "dashboard.stranger"  # in a request's scope, when nobody has signed in
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the dashboard may be reached: by which names beside this machine's own, and with which password, if any."""

    names: frozenset[str] = frozenset()
    password_hash: str = field(default="", repr=False)


THIS_MACHINE = Access()


class Login:
    """An ASGI layer around the application; `pages` are the paths that a login may lead to."""

    def __init__(self, app: Any, password_hash: str, pages: AbstractSet[str], now: Callable[[], datetime]) -> None:
        self._app, self._hash, self._pages, self._now = app, password_hash, pages, now
        self._sessions, self._attempts = Sessions(password_hash), Attempts()
        self._trying: set[str] = set()
        self._computing = ThreadPoolExecutor(1, "password")  # its memory is needed once at a time

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let pass, or ask for the password."""
        if scope["type"] != "http":
            return
        is_known = self._sessions.holds(read_cookies(scope["headers"]), self._now())
        if scope["path"] == LOGIN:
            answer = await self._serve_login(scope, receive, is_known)
        elif scope["path"] == LOGOUT:
            answer = self._serve_logout(scope)
        elif is_known or scope["path"] == HEALTH or scope["path"].startswith(STATIC):
            await self._app(scope if is_known else scope | {STRANGER: True}, receive, send)
            return
        else:
            answer = self._refuse(scope)
        await answer(scope, receive, send)

    def _refuse(self, scope: Any) -> Response:
        """To the login from where a login leads back to; else a status that programs understand."""
        if scope["path"] not in self._pages:
            return JSONResponse({"error": "Sign in: /login asks for the password."}, 401, headers=NO_STORE)
        query = scope["query_string"].decode("latin-1")
        target = find_target(f"{scope['path']}?{query}" if query else scope["path"], self._pages)
        return _lead(LOGIN if target == "/" else f"{LOGIN}?{urlencode({'next': target})}")

    async def _serve_login(self, scope: Any, receive: Any, is_known: bool) -> Response:
        if scope["method"] == "POST":
            return await self._try(scope, receive)
        target = find_target(find_next(scope["query_string"]), self._pages)
        return _lead(target) if is_known else _ask(target)

    async def _try(self, scope: Any, receive: Any) -> Response:
        headers = dict(scope["headers"])
        try:
            form = await read_form(headers, receive)
        except BadForm as fault:
            return _ask("/", str(fault), fault.status)
        target, address, now = find_target(form.target, self._pages), (scope.get("client") or [""])[0], self._now()
        house = find_house(address)
        wait = self._attempts.wait(address, now) or (1.0 if house in self._trying else 0.0)
        if wait:
            said = f"Too many wrong passwords came from your address. Try again in {math.ceil(wait)} s."
            return _ask(target, said, 429, wait)
        if len(self._trying) >= MOST_WAITING:
            return _ask(target, "Too many sign in at once. Try again in a few seconds.", 503, 5)
        self._attempts.begin(address, now)
        self._trying.add(house)
        try:
            loop = asyncio.get_running_loop()
            is_right = await loop.run_in_executor(self._computing, fits, self._hash, form.password)
        finally:
            self._trying.discard(house)
        if not is_right:
            return _ask(target, "This is not the password.", 401)
        self._attempts.succeed(address)
        is_secure = headers[b"origin"].startswith(b"https://")
        return _lead(target, write_cookie(self._sessions.issue(now), is_secure=is_secure))

    def _serve_logout(self, scope: Any) -> Response:
        if scope["method"] != "POST":
            return _lead("/")
        self._sessions.end(read_cookies(scope["headers"]), self._now())
        is_secure = dict(scope["headers"])[b"origin"].startswith(b"https://")
        answer = _lead(LOGIN, write_cookie("", is_secure=is_secure))
        answer.headers["Clear-Site-Data"] = '"cache"'  # charts that the browser keeps
        return answer


def _ask(target: str, fault: str = "", status: int = 200, retry_seconds: float = 0) -> Response:
    headers = NO_STORE | ({"Retry-After": str(math.ceil(retry_seconds))} if retry_seconds else {})
    return HTMLResponse(render_login(target, fault), status, headers=headers)


def _lead(target: str, cookie: str = "") -> Response:
    """On to a path of ours; `target` holds nothing that a header may not."""
    headers = NO_STORE | {"Location": target} | ({"Set-Cookie": cookie} if cookie else {})
    return Response(status_code=303, headers=headers)
