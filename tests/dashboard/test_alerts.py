"""Alerts on the Health page."""

from datetime import timedelta

from monitor.notify.alerts import raise_alerts
from monitor.settings import read_settings
from sql.connect import connect
from tests.dashboard.site import NOW, Site
from tests.postgres import Database
from tests.receiver import Receiver

HOUR = timedelta(hours=1)
ONLY_KEYS = "behind=off drawdown=off move=off incomplete=off unexplained=off difference=off stale=off"


def test_the_health_page_shows_alerts_and_how_telling_them_went(
    own_site: Site, database: Database, receiver: Receiver
) -> None:
    assert "No alerts." in own_site.get("/status").text

    settings = read_settings({"NOTIFY_URLS": receiver.url(), "NOTIFY_RULES": ONLY_KEYS})
    with connect(database.worker_url, name="test") as db:
        db.execute("update accounts set overpowered = true, key_expires_at = %(now)s where id > 0", {"now": NOW})
        raise_alerts(db, settings, NOW - 2 * HOUR)
        db.execute("update accounts set key_expires_at = null where id > 0")
        receiver.status = 500
        raise_alerts(db, settings, NOW - HOUR)
    page = own_site.get("/status?refresh=off").text

    assert "long: the API key may do more than read" in page and "ongoing" in page
    assert "expires on" in page and "The key has no end that we know of." in page
    assert "json: sent" in page and "json (over): waiting, " in page


def test_an_alert_of_the_whole_installation_is_on_every_accounts_page(own_site: Site, database: Database) -> None:
    with connect(database.worker_url, name="test") as db:
        raise_alerts(db, read_settings({}), NOW + 5 * HOUR)
        (account,) = db.execute("select id from accounts where id > 0").fetchall()
    for path in ("/status", f"/status?account={account['id']}"):
        page = own_site.get(path).text
        assert "No hour recorded for 5 hours" in page and "nobody" in page
