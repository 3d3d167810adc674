"""Where a request comes from: the address that counts, and what counts as one address."""

from collections.abc import Iterable, Set
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

HOUSE_BITS = 64  # of an IPv6 address: a house has all the others
LONGEST = 64
Network = IPv4Network | IPv6Network


def find_house(address: str) -> str:
    """What counts as one address: all that one house has."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or f"{int(parsed) >> (128 - HOUSE_BITS):x}::")


def find_client(peer: str, forwarded: Iterable[str], proxies: Set[Network]) -> str:
    """The address of who asks: `peer`, unless that is one of the named proxies.

    `forwarded` are the values of X-Forwarded-For in their order. Each proxy adds whom it heard, so the last address that is
    no proxy's is the client's; what stands before it anybody may have written.
    """
    heard = [part.strip() for value in forwarded for part in value.split(",")]
    client = peer
    while heard and _is_one_of(client, proxies):
        before = heard.pop()
        if not _is_address(before):
            break
        client = before
    return client


def _is_one_of(address: str, networks: Set[Network]) -> bool:
    if not networks or not _is_address(address):
        return False
    parsed = ip_address(address.partition("%")[0])
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(plain in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
