"""The worker's settings: what the environment says, checked."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from finance.exchanges import NAMES, WITH_PASSPHRASE, WITH_UNDECIDED_FEE, name_fee_setting
from finance.order_roles import NamedOrders, parse_order_names
from finance.records import FeePlace
from monitor.alert_settings import QuietHours, Thresholds, parse_quiet, parse_rules
from monitor.errors import SettingsError
from sql.settings import read_dashboard_address
from sql.vault import Credentials, Secret

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_LABEL = 60
FIRST_LABEL = "main"
T = TypeVar("T")
Weights = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeSettings:
    """How one exchange is reached, and the first account there, whose key is a setting and not stored."""

    exchange: str
    credentials: Credentials
    label: str
    base_url: str  # empty: the real exchange
    withdrawal_fee: FeePlace  # in the amounts that it lists, where nothing shows it

    @property
    def key_setting(self) -> str:
        """The name of the setting that has the key."""
        return f"{self.exchange.upper()}_API_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set for the worker."""

    database_url: Secret  # empty: the embedded server in data_dir
    legacy_database_url: Secret  # of an older system, for `import-legacy` alone
    data_dir: Path
    master_key: Secret  # empty: data_dir/master.key
    new_master_key: Secret  # what master_key becomes by `rotate-master-key`
    exchanges: Mapping[str, ExchangeSettings]  # by the exchange's name
    benchmark: Weights  # shares, adding up to 1
    accept_trading_key: bool
    account_deadline_seconds: int
    call_timeout_seconds: int
    unexplained_limit: Decimal  # in the valuation asset
    dust_limit: Decimal  # the same
    does_backfill: bool  # the scheduler does it by itself
    order_names: tuple[NamedOrders, ...]  # which names given to orders say what these are for
    log_level: str
    notify_urls: tuple[Secret, ...]  # in apprise's form; they contain tokens
    notify_rules: Thresholds
    notify_quiet: QuietHours
    notify_link: str  # the dashboard's address as the owner's browser has it


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`. Raises SettingsError that lists every fault with its variable."""
    faults: list[str] = []

    def read(name: str, default: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(environment.get(name, "").strip() or default)
        except ValueError as fault:
            faults.append(f"{name}: {fault}")
            return parse(default)

    def secret(name: str) -> Secret:
        try:
            return _read_secret(environment, name)
        except ValueError as fault:
            faults.append(str(fault))
            return Secret("")

    settings = Settings(
        database_url=secret("DATABASE_URL"),
        legacy_database_url=secret("LEGACY_DATABASE_URL"),
        data_dir=read("DATA_DIR", "data", Path),
        master_key=secret("MASTER_KEY"),
        new_master_key=secret("NEW_MASTER_KEY"),
        exchanges={name: _read_exchange(name, read, secret) for name in NAMES},
        benchmark=read("BENCHMARK", "BTC=50 ETH=50", parse_weights),
        accept_trading_key=read("ACCEPT_TRADING_KEY", "no", _either("yes", "no")),
        account_deadline_seconds=read("ACCOUNT_DEADLINE_SECONDS", "120", _seconds),
        call_timeout_seconds=read("CALL_TIMEOUT_SECONDS", "10", _seconds),
        unexplained_limit=read("UNEXPLAINED_LIMIT", "10", _limit),
        dust_limit=read("DUST_LIMIT", "5", _limit),
        does_backfill=read("BACKFILL", "on", _either("on", "off")),
        order_names=read("ORDER_NAMES", "", parse_order_names),
        log_level=read("LOG_LEVEL", "INFO", _log_level),
        notify_urls=tuple(Secret(url) for url in secret("NOTIFY_URLS").value.split()),
        notify_rules=read("NOTIFY_RULES", "", parse_rules),
        notify_quiet=read("NOTIFY_QUIET", "", parse_quiet),
        notify_link=read("NOTIFY_LINK", _usual_link(environment), _link),
    )
    faults += [fault for one in settings.exchanges.values() for fault in _judge_key(one)]
    wrong = [n for n, url in enumerate(settings.notify_urls, 1) if not re.fullmatch(r"[A-Za-z0-9]+://\S+", url.value)]
    faults += [f"NOTIFY_URLS: address {n} is not like tgram://TOKEN/CHAT (not shown: it is secret)" for n in wrong]
    if faults:
        raise SettingsError("The settings have faults:\n" + "\n".join(f"  {fault}" for fault in faults))
    return settings


def _read_exchange(name: str, read: Callable[..., Any], secret: Callable[[str], Secret]) -> ExchangeSettings:
    start = name.upper()
    return ExchangeSettings(
        exchange=name,
        credentials=Credentials(**{part: secret(f"{start}_API_{part.upper()}") for part in name_parts(name)}),
        label=read(f"{start}_LABEL", FIRST_LABEL if name == next(iter(NAMES)) else name, parse_label),
        base_url=read(f"{start}_BASE_URL", "", _base_url),
        withdrawal_fee=read(name_fee_setting(name), FeePlace.INSIDE, _fee_place),
    )


def name_parts(exchange: str) -> tuple[str, ...]:
    """What opens an account there, as `Credentials` calls it."""
    return ("key", "secret", "passphrase") if exchange in WITH_PASSPHRASE else ("key", "secret")


def list_exchange_settings() -> list[str]:
    """The names of the settings that every exchange has."""
    keys = [f"{exchange}_api_{part}".upper() for exchange in NAMES for part in name_parts(exchange)]
    keys += [f"{exchange}_{end}".upper() for exchange in NAMES for end in ("label", "base_url")]
    return [*keys, *map(name_fee_setting, WITH_UNDECIDED_FEE)]


def _judge_key(one: ExchangeSettings) -> list[str]:
    given = {f"{one.exchange.upper()}_API_{part.upper()}": part for part in name_parts(one.exchange)}
    parts = {name: getattr(one.credentials, part) for name, part in given.items()}
    if len({bool(part) for part in parts.values()}) > 1:
        return [f"{' and '.join(parts)}: one is set without the other"]
    faults = []
    for name, part in parts.items():
        try:
            parse_key(part.value)
        except ValueError as fault:
            faults.append(f"{name}: {fault}")
    return faults


def _read_secret(environment: Mapping[str, str], name: str) -> Secret:
    value, file = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if value and file:
        raise ValueError(f"{name} and {name}_FILE are both set: keep one")
    if not file:
        return Secret(value)
    try:
        return Secret(Path(file).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}_FILE: {file} can't be read ({type(error).__name__})") from None


def parse_weights(text: str) -> Weights:
    """Shares from percentages as in "BTC=50 ETH=50". Raises ValueError saying what is wrong."""
    shares: dict[str, Decimal] = {}
    for part in text.replace(",", " ").split():
        asset, _, percent = part.partition("=")
        try:
            share = Decimal(percent) / 100
        except InvalidOperation:
            raise ValueError(f"'{part}' is not ASSET=PERCENT, as in BTC=50") from None
        if not (asset.isascii() and asset.isalnum() and share.is_finite() and share > 0) or asset.upper() in shares:
            raise ValueError(f"'{part}' is not one ASSET=PERCENT, as in BTC=50")
        shares[asset.upper()] = share
    if sum(shares.values()) != 1:
        raise ValueError(f"'{text}' does not add up to 100")
    return tuple(shares.items())


def parse_label(text: str) -> str:
    """An account's name, as it shows on pages and in commands. Raises ValueError saying what is wrong."""
    label = text.strip()
    if not (0 < len(label) <= LONGEST_LABEL and label.isprintable()):
        raise ValueError(f"a label is 1 to {LONGEST_LABEL} printable characters")
    return label


def parse_key(text: str) -> Secret:
    """An API key, or the secret of one. Raises ValueError that does not quote it."""
    word = text.strip()
    if not (word.isascii() and word.isprintable() and " " not in word) or word.startswith("-----"):
        raise ValueError("not one word of plain letters and figures; the key must be 'System generated' (HMAC)")
    return Secret(word)


def _base_url(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"'{text}' is not an address like http://127.0.0.1:8100")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("http is for this machine alone; use https, or keys travel in the clear")
    return text.rstrip("/")


def _link(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"'{text}' is not an address like http://127.0.0.1:8000")
    return text.rstrip("/")


def _usual_link(environment: Mapping[str, str]) -> str:
    """Where the dashboard is for a browser on this machine; its own program judges what is no port."""
    host, port = read_dashboard_address(environment)
    name = f"[{host}]" if ":" in host else host
    is_port = port.isascii() and port.isdigit() and 0 < int(port) <= 65535
    return f"http://{name if host in LOOPBACK else '127.0.0.1'}:{port if is_port else '8000'}"


def _fee_place(text: str) -> FeePlace:
    if text not in tuple(FeePlace):
        raise ValueError(f"'{text}' is neither inside nor on_top")
    return FeePlace(text)


def _either(yes: str, no: str) -> Callable[[str], bool]:
    def parse(text: str) -> bool:
        if text.lower() not in (yes, no):
            raise ValueError(f"'{text}' is neither {yes} nor {no}")
        return text.lower() == yes

    return parse


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3600):
        raise ValueError(f"'{text}' is not a whole number of seconds from 1 to 3600")
    return int(text)


def _limit(text: str) -> Decimal:
    try:
        limit = Decimal(text)
    except InvalidOperation:
        limit = Decimal(-1)
    if not (limit.is_finite() and limit >= 0):
        raise ValueError(f"'{text}' is not an amount like 10")
    return limit


def _log_level(text: str) -> str:
    if text.upper() not in ("INFO", "WARNING", "ERROR"):
        raise ValueError(f"'{text}' is none of INFO, WARNING, ERROR")
    return text.upper()


def mark_key(key: Secret) -> str:
    """A short mark that distinguishes API keys and shows nothing of it."""
    return hashlib.sha256(key.value.encode()).hexdigest()[:16]
