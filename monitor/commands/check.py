"""`python -m monitor account check LABEL`: whether everything that a run asks is answered, and what that means.

`--report` prints the version for a bug report: what the exchange's answers look like, and nothing private.
"""

import argparse
from datetime import datetime

from finance.exchanges import NAMES
from finance.observed import WalletReading, WalletState
from monitor.accounts.client import ExchangeClient, TrackedAccount
from monitor.accounts.identity import fetch_check, refuse_dangerous, refuse_other_account
from monitor.accounts.registry import find_account, load_accounts, record_key_state
from monitor.accounts.store.benchmarks import load_configs
from monitor.accounts.store.keys import KeyCheck, load_stored_key, record_check
from monitor.checkup.asking import Asked, ask_everything
from monitor.checkup.check_report import format_check, format_report
from monitor.checkup.findings import Background, Findings, judge_answers
from monitor.cycle.clocks import compare_clocks
from monitor.database.runs import load_pauses, note_pause
from monitor.errors import AccountError
from monitor.ledger.lookback import SourceMarks
from monitor.ledger.store.sources import load_source_marks
from monitor.market.other_prices import find_run_prices
from monitor.settings import Settings
from monitor.snapshots.store.wallets import load_remembered
from monitor.snapshots.unread import Remembered
from monitor.snapshots.valued_reading import list_assets
from sql.rows import Db
from sql.version import VERSION

FLAG = "take the risk with --accept-trading-key"


async def check_account(
    db: Db, settings: Settings, client: ExchangeClient, arguments: argparse.Namespace, now: datetime
) -> str:
    """What the exchange says of an account's key, wallets and histories, and whether every hour will be complete."""
    account = open_tracked(db, settings, arguments.label)
    if arguments.report:
        findings = await _examine(db, client, account, now)
        return format_report(findings, VERSION, "its master's key" if account.sub_email else "its own key")
    if account.sub_email:
        title, unseen = "Read through its master's key", "Seen by nobody but the sub-account"
    else:
        takes_risk = arguments.accept_trading_key or settings.accept_trading_key
        title, unseen = (
            await _check_key(db, client, account, now, takes_risk=takes_risk),
            "The exchange lets no program read",
        )
    findings = await _examine(db, client, account, now)
    if account.sub_email and findings.wallets:
        record_key_state(db, account.id, state="accepted", message="")
    opened = client.open_account(account)
    lines = [title, *describe_wallets(findings.wallets), f"{unseen}: {', '.join(opened.unseen)}"]
    lines += opened.capabilities_of(await opened.fetch_system()).describe(NAMES[account.exchange], ())
    return "\n".join([*lines, "", format_check(findings)])


async def _check_key(
    db: Db, client: ExchangeClient, account: TrackedAccount, now: datetime, *, takes_risk: bool
) -> str:
    """What the key may do, which is remembered. Raises AccountError if it is another account's, or may do too much."""
    check = await identify(db, client, account, now)
    known = load_stored_key(db, account.id)
    refuse_other_account(known, check, account.label)
    if known.accepted(account.key):  # goes on being read: what was found is on every page from now on
        record_check(db, account.id, check)
    is_flagged = known.accepted(account.key) and known.overpowered
    if not (is_flagged or takes_risk):
        refuse_dangerous(check.permissions, FLAG)
    record_check(db, account.id, check)
    record_key_state(db, account.id, state="accepted", message="")
    return describe_key(check)


def open_tracked(db: Db, settings: Settings, label: str) -> TrackedAccount:
    """The account with its key. Raises AccountError if it is not tracked or its key can't be opened."""
    row = find_account(db, label)
    account = next((a for a in load_accounts(db, settings) if a.id == row.id), None)
    if account is None:
        raise AccountError(f"'{label}' is disabled. Enable it first: python -m monitor account enable LABEL")
    if account.problem:
        raise AccountError(account.problem)
    return account


async def identify(db: Db, client: ExchangeClient, account: TrackedAccount, now: datetime) -> KeyCheck:
    """What the exchange says of the key at `now`, which must be its time as well: things are stored under it.

    Raises ExchangePaused while the exchange asks for silence, as all that is asked here does.
    """
    if pause := load_pauses(db, now).get(client.exchange):
        raise pause
    compare_clocks(await client.market.fetch_server_time(), now)
    return await fetch_check(client, account, now)


async def examine_new(
    db: Db, client: ExchangeClient, account: TrackedAccount, basket: frozenset[str], now: datetime
) -> Findings:
    """What is found of an account that is not tracked yet. Raises ExchangeError where its wallets can't be read at all."""
    nothing = SourceMarks(cursors={}, pending={}, absent={})
    remembered = Remembered(label=account.label)
    background = Background(remembered=remembered, marks=nothing, basket=basket, dust_limit=client.dust_limit)
    asked = await _ask(db, client, account, now)
    if asked.pause or asked.wallets is None:
        raise asked.pause or asked.failures["wallets"]
    return await judge_everything(db, client, account, asked, background)


async def _examine(db: Db, client: ExchangeClient, account: TrackedAccount, now: datetime) -> Findings:
    basket = frozenset(asset for config in load_configs(db, account.id) for asset in config.assets)
    background = Background(
        remembered=load_remembered(db, account.id, account.label),
        marks=load_source_marks(db, account.id),
        basket=basket,
        dust_limit=client.dust_limit,
    )
    return await judge_everything(db, client, account, await _ask(db, client, account, now), background)


async def judge_everything(
    db: Db, client: ExchangeClient, account: TrackedAccount, asked: Asked, background: Background
) -> Findings:
    """What was asked, judged at the prices that a run would find."""
    prices = None
    if asked.ticker and asked.wallets:
        assets = list_assets(asked.wallets.wallets) | background.basket
        prices = await find_run_prices(db, client, asked.ticker, assets)
    return judge_answers(asked, client.open_account(account), background, prices)


async def _ask(db: Db, client: ExchangeClient, account: TrackedAccount, now: datetime) -> Asked:
    if pause := load_pauses(db, now).get(client.exchange):
        raise pause
    asked = await ask_everything(client.market, client.open_account(account), now)
    note_pause(db, client.exchange, asked.pause)
    return asked


def describe_key(check: KeyCheck) -> str:
    """Whose the key is and what it may do."""
    permissions = check.permissions
    lines = [
        f"Account number: {check.uid}",
        "Permissions: reading" + "".join(f", {name} (DANGEROUS)" for name in permissions.dangerous),
        "Address list: "
        + ("set" if permissions.ip_restricted else "not set; at the exchange, restrict the key to this machine"),
    ]
    if permissions.expires_at:
        lines.append(f"The key, or what it may do beside reading, ends {permissions.expires_at:%Y-%m-%d %H:%M} UTC")
    return "\n".join(lines)


def describe_wallets(wallets: tuple[WalletReading, ...]) -> list[str]:
    """A line for each wallet."""
    return [_describe_wallet(wallet) for wallet in wallets]


def _describe_wallet(wallet: WalletReading) -> str:
    if wallet.state is WalletState.READ:
        assets = "1 asset" if len(wallet.balances) == 1 else f"{len(wallet.balances)} assets"
        return f"Wallet {wallet.wallet}: read, {assets}"
    if wallet.state is WalletState.NOT_OPENED:
        return f"Wallet {wallet.wallet}: not opened"
    return f"Wallet {wallet.wallet}: {wallet.state.upper()}: {wallet.problem}"
