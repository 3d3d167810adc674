"""`python -m paper user …`: what whoever runs the platform does, with its master key: invitations, and the first admin."""

import argparse
import http.client
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from paper.api.policy import open_keys, read_keys
from paper.users.fields import fold_email, read_email
from paper.users.records import Role
from paper.users.signed_tokens import Type
from sql.environment import read_environment
from sql.errors import UsageFault

ADDRESS = "http://127.0.0.1:8100"
LONGEST_ANSWER = 64 * 1024
SECONDS = 10


def main(words: Sequence[str], now: datetime) -> int:
    """Do what the words after `user` say; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m paper user", description=__doc__)
    add_arguments(parser)
    arguments = parser.parse_args(words)
    try:
        run(arguments, read_environment(), now)
    except UsageFault as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True)
    grant = acts.add_parser("grant", help="give a user a role, on the platform that runs")
    grant.add_argument("email")
    grant.add_argument("role", nargs="?", choices=list(Role), default=Role.ADMIN, help="(admin)")
    grant.add_argument("--url", default=ADDRESS, help=f"where the platform answers ({ADDRESS})")
    invite = acts.add_parser("invite", help="print an invitation for one e-mail address, good for seven days")
    invite.add_argument("email")


def run(arguments: argparse.Namespace, environment: Mapping[str, str], now: datetime) -> None:
    """Do it. Raises UsageFault, SettingsFault or CredentialsError, which say why not."""
    try:
        email = read_email(arguments.email)
    except ValueError as fault:
        raise UsageFault(f"'{arguments.email[:100]}' {fault}.") from None
    _, signer = open_keys(read_keys(environment))
    if arguments.act == "invite":
        print(signer.sign(Type.INVITATION, fold_email(email), now))
        print("Send it as `invitation` with the registration; it is good for seven days, once.", file=sys.stderr)
        return
    token = signer.sign(Type.OPERATOR, "operator", now)
    user = _ask(arguments.url, token, {"email": email, "role": arguments.role})
    print(f"{user['email']} is {user['role']} now.")


def _ask(url: str, token: str, body: Mapping[str, str]) -> dict[str, str]:
    """What the running platform answers to a change of a role. Raises UsageFault."""
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection = kind(address.hostname or "", address.port, timeout=SECONDS)
        connection.request("POST", "/api/users/roles", json.dumps(body), headers)
        answer = connection.getresponse()
        told = json.loads(answer.read(LONGEST_ANSWER))
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise UsageFault(
            f"The platform at {url} did not answer ({type(fault).__name__}). Start it (python -m paper serve), or name its "
            "address with --url."
        ) from None
    if answer.status == 200 and isinstance(told, dict):
        return told
    if answer.status == 404:
        raise UsageFault(f"Nobody has registered with {body['email']} there.")
    raise UsageFault(
        f"The platform at {url} refused ({answer.status} {told.get('error', '')}). Is DATA_DIR the one that it runs with?"
    )
