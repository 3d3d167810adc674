"""`python -m monitor notify test|list|ack|stale`: whether alerts arrive, what they were, which alarms are known, and whether
hours are recorded.

`stale` is the scheduler's: it watches over the worker and the database, and works when both are gone.
"""

import argparse
import sys
from datetime import datetime

import psycopg

from monitor.accounts.registry import find_account
from monitor.alert_settings import Rule, Thresholds
from monitor.commands.arguments import Clock, Opener
from monitor.notify.absence import find_ended_absence, forget_absence, send_absence
from monitor.notify.alerts import Look, judge_stale, send_alerts
from monitor.notify.delivery import name_targets, send
from monitor.notify.store.alerts import Alarm, Alert, load_alerts, load_open_alarms, record_acknowledgement
from monitor.settings import Settings
from sql.errors import ClusterError, DatabaseAway, SchemaMismatch, SettingsFault
from sql.rows import Db

NEWEST = 20
ALARMS = {
    "vanished": "coins left without a record,",
    "appeared": "coins came without a record,",
    "key": "the key has been refused since",
    "unread": "no figures since",
    "refused": "the exchange has refused to show something since",
    "stale": "nothing was recorded since",
}
NO_TARGETS = "No target is set: alerts are kept for the Health page and sent nowhere. Set NOTIFY_URLS (see README.md)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to argparse."""
    commands = parser.add_subparsers(dest="action", required=True)
    listing = commands.add_parser("list", help="rules, targets and the newest alerts")
    listing.set_defaults(run=run_list)
    knowing = commands.add_parser(
        "ack", help="take the alarms off the dashboard's pages that you know; Health keeps them"
    )
    knowing.add_argument("--account", help="the account's label; every account if left out")
    knowing.set_defaults(run=run_acknowledge)
    testing = commands.add_parser("test", help="send a message to every target; exit 1 if one does not take it")
    testing.set_defaults(run_alone=run_test)
    watching = commands.add_parser(
        "stale", help="send an alert if no hour is recorded; what the scheduler runs every hour"
    )
    watching.set_defaults(run_alone=run_stale)


def run_list(db: Db, settings: Settings, _: argparse.Namespace, __: datetime) -> int:
    """Print what is watched, who is notified, and the newest alerts."""
    targets = ", ".join(target.name for target in name_targets(settings.notify_urls))
    print(f"Targets: {targets or 'none (NOTIFY_URLS)'}\nQuiet hours: {settings.notify_quiet}")
    print(f"Rules: {_format_rules(settings.notify_rules)}\n")
    alerts = load_alerts(db, NEWEST)
    print("\n".join(_describe_alert(alert) for alert in alerts) if alerts else "There has been no alert.")
    return 0


def run_acknowledge(db: Db, _: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Acknowledge what stands, and print it; exit 3 if there is nothing. Raises AccountError."""
    label = find_account(db, arguments.account).label if arguments.account else ""
    with db.transaction():
        alarms = [alarm for alarm in load_open_alarms(db, now) if not label or alarm.label == label]
        for alarm in alarms:
            record_acknowledgement(db, alarm, now)
    if not alarms:
        print("No alarm stands that is not acknowledged.")
        return 3
    print("\n".join(_describe_alarm(alarm) for alarm in alarms))
    print("Acknowledged. The dashboard's Health page goes on showing them; what begins later is an alarm again.")
    return 0


def _describe_alarm(alarm: Alarm) -> str:
    value = f" ({alarm.value:+,.2f} USDT)" if alarm.value is not None else ""
    what = f": {' '.join(alarm.what.split())}{value}" if alarm.what or value else ""
    return f"{alarm.label}: {ALARMS[alarm.kind]} {alarm.since:%Y-%m-%d %H:%M} UTC{what}"


def _format_rules(limits: Thresholds) -> str:
    rules = [rule for rule in Rule if rule is not Rule.DATABASE]
    values = {rule: getattr(limits, rule.replace("-", "_")) for rule in rules}
    words = [
        f"{rule}={'on' if limit is True else limit if limits.watches(rule) else 'off'}"
        for rule, limit in values.items()
    ]
    return " ".join([*words, f"behind-days={limits.behind_days}"])


def _describe_alert(alert: Alert) -> str:
    until = f"until {alert.ended_at:%Y-%m-%d %H:%M}" if alert.ended_at else "goes on"
    delivered = "; ".join(alert.deliveries) or "sent nowhere"
    return f"{alert.began_at:%Y-%m-%d %H:%M} UTC, {until}: {alert.title} [{delivered}]"


def run_test(settings: Settings, _: argparse.Namespace, __: Opener, clock: Clock) -> int:
    """Send a test to every target, and say how each went."""
    targets = name_targets(settings.notify_urls)
    if not targets:
        print(NO_TARGETS, file=sys.stderr)
        return 2
    body = f"This is a test, sent {clock():%Y-%m-%d %H:%M} UTC. Alerts link to {settings.notify_link}"
    failures = {target.name: send(target, "Portfolio monitor: test", body, is_alarm=False) for target in targets}
    for name, failure in failures.items():
        print(f"{name}: {failure or 'sent'}")
    return 1 if any(failures.values()) else 0


def run_stale(settings: Settings, _: argparse.Namespace, open_database: Opener, clock: Clock) -> int:
    """Send an alert if no hour is being recorded, or if the database can't be used at all, which is then raised."""
    now = clock()
    try:
        with open_database(settings) as db:
            look = Look(judgements=judge_stale(db, settings, now), already_over=find_ended_absence(settings, now))
            send_alerts(db, settings, look, now)
            forget_absence(settings)
    except (ClusterError, DatabaseAway, SchemaMismatch, SettingsFault, psycopg.Error) as error:
        send_absence(settings, str(error), now)
        raise
    return 0
