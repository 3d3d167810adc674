"""The settings of the platform's users: who may register, by which names it answers, whose word of an address counts, its keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from paper.users.signed_tokens import Signer
from serving.addresses import Network
from sql.errors import SettingsFault
from sql.settings import read_secret
from sql.vault import Secret, Vault, open_vault

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OPEN, INVITE = "open", "invite"
SIGNING = b"paper exchange access tokens v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the platform may be reached, and by whom."""

    is_open: bool  # anybody may register; else who was invited
    names: frozenset[str] = frozenset()  # as which it answers, beside this machine's own
    proxies: frozenset[Network] = frozenset()  # whose X-Forwarded-For is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKeys:
    """Where the platform's own master key is: not the monitor's, which opens keys of real exchanges."""

    data_dir: Path
    master_key: Secret = field(default=Secret(""))
    new_master_key: Secret = field(default=Secret(""))


def read_policy(environment: Mapping[str, str], host: str) -> Policy:
    """The policy of a platform that listens at `host`. Raises SettingsFault."""
    usual = OPEN if host in LOOPBACK else INVITE
    registration = environment.get("PAPER_REGISTRATION", "").strip() or usual
    if registration not in (OPEN, INVITE):
        raise SettingsFault(f"PAPER_REGISTRATION: '{registration[:60]}' is neither {OPEN} nor {INVITE}.")
    names = environment.get("PAPER_NAMES", "").lower().replace(",", " ").split()
    if wrong := [name for name in names if "/" in name or ":" in name]:
        raise SettingsFault(f"PAPER_NAMES: '{wrong[0][:60]}' is no host name; names alone, without https:// and port.")
    proxies = environment.get("PAPER_PROXIES", "").replace(",", " ").split()
    return Policy(
        is_open=registration == OPEN, names=frozenset(names), proxies=frozenset(_read_network(one) for one in proxies)
    )


def read_keys(environment: Mapping[str, str]) -> PaperKeys:
    """Where the master key is: PAPER_MASTER_KEY, or a file in DATA_DIR/paper that is made at the first start."""
    data_dir = Path(environment.get("DATA_DIR", "").strip() or "data")
    return PaperKeys(data_dir=data_dir / "paper", master_key=Secret(read_secret(environment, "PAPER_MASTER_KEY")))


def open_keys(keys: PaperKeys) -> tuple[Vault, Signer]:
    """What seals API keys, and what signs tokens. Raises CredentialsError."""
    vault = open_vault(keys)
    return vault, Signer(vault.derive(SIGNING))


def _read_network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise SettingsFault(
            f"PAPER_PROXIES: '{text[:60]}' is no address or network like 10.0.0.5 or 10.0.0.0/24."
        ) from None
