"""How numbers and times are written: signs and units always, thousands apart, a real minus."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

NAMES = {
    "usd_m_futures": "USD-M futures", "coin_m_futures": "COIN-M futures", "p2p_purchase": "P2P purchase",
    "p2p_sale": "P2P sale", "onchain_yields": "on-chain yields", "onchain_elite": "on-chain elite", "pay_received": "payment received", "pay_sent": "payment sent",
    "manual_in": "deposit added by you", "manual_out": "withdrawal added by you",
    "unverified_in": "unverified deposit", "unverified_out": "unverified withdrawal",
}  # fmt: skip
TICKERS = {"usdt", "usdc", "btc", "eth", "bnb"}
BENCHMARKS = {"hold": "buy and hold", "monthly": "monthly rebalanced"}
Number = Decimal | float  # floats are measures of returns, never money
FILTERS = (
    "money", "abs_money", "signed_money", "percent", "points", "abs_points", "share", "quantity", "signed_quantity",
    "aligned_quantity", "aligned_price", "units", "price", "utc", "day", "month", "signed_usdt",
    "minute", "hours", "exact", "age", "words", "tone", "benchmark_name", "short", "weekday", "span", "rate", "usdt", "small_usdt", "lasted", "ratio",
    "digits", "signed_digits",
)  # fmt: skip
MILLION, LONG = 10**6, 10**4  # USDT: from here on millions are counted, and cents left out, where room is short
LONGEST_WEEK = timedelta(days=6)  # longer ago a weekday alone could be the one before
MINUS = "\N{MINUS SIGN}"
DIGIT_SPACE, POINT_SPACE = "\N{FIGURE SPACE}", "\N{PUNCTUATION SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"


def money(value: Decimal | None, decimals: int = 2) -> str:
    """An amount of USDT."""
    return "unknown" if value is None else _grouped(value, decimals)


def abs_money(value: Decimal) -> str:
    """The size of a difference in USDT, for a sentence that says its direction."""
    return _grouped(abs(value), 2)


def signed_money(value: Decimal | None, decimals: int = 2) -> str:
    """A difference in USDT, with its sign."""
    return "unknown" if value is None else _signed(value, _grouped(_size(value), decimals))


def signed_usdt(value: Decimal | None) -> str:
    """A difference that is in USDT whatever the reader counts in: to the exchange's own figures."""
    return signed_money(value)


def usdt(value: Decimal) -> str:
    """An amount that is in USDT whatever the reader counts in: trades are counted in it."""
    return _grouped(value, 2)


def small_usdt(value: Decimal) -> str:
    """The same of what may be less than a cent: then with as many decimals as its size asks for."""
    return price(value) if 0 < abs(value) < Decimal("0.01") else usdt(value)


def compact(value: Decimal, *, is_change: bool = True) -> str:
    """An amount of USDT where room is short: cents of a small one, millions of a large one; a change with its sign."""
    size = abs(value)
    text = f"{_grouped(size / MILLION, 2)}M" if size >= MILLION else _grouped(size, 2 if size < LONG else 0)
    return _signed(value, text) if is_change or value < 0 else text


def percent(value: Number | None) -> str:
    """A return, with its sign."""
    return "not available" if value is None else f"{_signed(value, _grouped(_size(value) * 100, 2))}{THIN}%"


def unsigned_percent(value: Number) -> str:
    """A share or a spread, which has no direction."""
    return f"{_grouped(value * 100, 2)}{THIN}%"


def rate(value: Number) -> str:
    """A commission, of which a hundredth of a per cent counts; what was got back is negative."""
    return f"{_grouped(value * 100, 3)}{THIN}%"


def points(value: Number | None) -> str:
    """A difference of returns in percentage points, with its sign."""
    return "not available" if value is None else f"{_signed(value, _grouped(_size(value) * 100, 2))}{THIN}pp"


def abs_points(value: Decimal) -> str:
    """The size of a difference of returns, for a sentence that says its direction."""
    return f"{_grouped(_size(value) * 100, 2)}{THIN}points"


def ratio(value: Number) -> str:
    """A ratio, with its sign when it is negative."""
    return _grouped(value, 2)


def signed_ratio(value: Number) -> str:
    """A difference of ratios, with its sign."""
    return _signed(value, _grouped(_size(value), 2))


def signed_number(value: Number) -> str:
    """A number whose unit its table shows, with its sign and one decimal."""
    return _signed(value, _grouped(_size(value), 1))


def share(value: Number | None) -> str:
    """A part of a whole."""
    return "" if value is None else f"{_grouped(value * 100, 1)}{THIN}%"


def whole_share(value: float) -> str:
    """A part of a whole where room is short: what is there is never written as nothing."""
    text = f"{value:.0%}" if value >= 0.01 or value == 0 else "<1%"
    return text.replace("%", f"{THIN}%")


def quantity(value: Decimal) -> str:
    """An amount of an asset: eight significant decimals at most, no trailing zeros."""
    text = f"{value.quantize(Decimal('1e-8'), ROUND_HALF_EVEN) if abs(value) < 10**20 else value:,f}"
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short in ("", "-0") else short.replace("-", MINUS)


def signed_quantity(value: Decimal) -> str:
    """A change of a quantity, with its sign."""
    return _signed(value, quantity(abs(value)))


def digits(value: Decimal) -> str:
    """An amount with all of its digits."""
    text = f"{abs(value):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return _signed(value, text) if value < 0 else text


def signed_digits(value: Decimal) -> str:
    """A change with its sign and all of its digits."""
    return _signed(value, digits(abs(value)))


def aligned_quantity(value: Decimal) -> str:
    """A quantity for a column: its point stands under the other quantities' points."""
    return _pad(quantity(value), 8)


def aligned_price(value: Decimal | None) -> str:
    """A price for a column: its point stands under the other prices' points."""
    return "no price" if value is None else _pad(price(value), 5)


def units(value: Decimal) -> str:
    """Units issued (+) or redeemed (-)."""
    return _signed(value, _grouped(_size(value), 4))


def price(value: Decimal | None) -> str:
    """A price, with as many decimals as its size asks for."""
    if value is None:
        return "no price"
    decimals = 2 if value >= 100 else 4 if value >= 1 else min(10, 4 - value.adjusted())
    return _grouped(value, decimals)


def utc(moment: datetime) -> str:
    """A time to the minute, UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def minute(moment: datetime) -> str:
    """A time to the minute, in a column whose head says UTC."""
    return f"{moment:%Y-%m-%d %H:%M}"


def hours(count: int) -> str:
    """A number of hours."""
    return "1 hour" if count == 1 else f"{count:,} hours"


def day(moment: datetime | date) -> str:
    """A day: 2026-11-21."""
    return f"{moment:%Y-%m-%d}"


def month(moment: datetime) -> str:
    """A month: 2026-11."""
    return f"{moment:%Y-%m}"


def exact(moment: datetime) -> str:
    """A time to the second, UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def words(name: str) -> str:
    """A stored name as words."""
    return NAMES.get(name) or " ".join(word.upper() if word in TICKERS else word for word in name.split("_"))


def short(text: str, most: int = 140) -> str:
    """The beginning of a text that is shown in full elsewhere."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0].rstrip('.,;: ')} …"


def benchmark_name(name: str) -> str:
    """What a benchmark is called."""
    return BENCHMARKS.get(name, name)


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in words."""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes == 0:
        return "less than a minute ago"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h {minutes % 60} min ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


def weekday(moment: datetime, now: datetime) -> str:
    """A time of the last days as people say it, Tuesday 14:00 UTC; an earlier one with its date. By the clock of `now`."""
    is_near = timedelta() <= now - moment < LONGEST_WEEK
    local = moment.astimezone(now.tzinfo)
    return f"{local:{'%A' if is_near else '%Y-%m-%d'} %H:%M %Z}"


def span(length: timedelta) -> str:
    """A length of time: hours, or days from two on."""
    whole = int(length / timedelta(hours=1))
    return hours(whole) if whole < 48 else f"{whole // 24} days"


def lasted(length: timedelta) -> str:
    """A length of time in its two largest units: 3d 4h, 2h 15m, 40s."""
    seconds = length // timedelta(seconds=1)
    units = (("d", seconds // 86_400), ("h", seconds // 3600 % 24), ("m", seconds // 60 % 60), ("s", seconds % 60))
    first = next((place for place, (_, count) in enumerate(units) if count), len(units) - 1)
    return " ".join(f"{count}{unit}" for n, (unit, count) in enumerate(units[first : first + 2]) if count or n == 0)


def tone(text: str) -> str:
    """The class that colours a difference as it is written: what is rounded to nothing has none."""
    return {"+": "ahead", MINUS: "behind"}.get(text[:1], "")


def _signed(value: Number, text: str) -> str:
    if not any(figure in "123456789" for figure in text):
        return text
    return f"{'+' if value > 0 else MINUS}{text}"


def _pad(text: str, decimals: int) -> str:
    whole, point, fraction = text.partition(".")
    return whole + (point or POINT_SPACE) + fraction + DIGIT_SPACE * (decimals - len(fraction))


def _size(value: Number) -> Number:
    return -value if value < 0 else value


def _grouped(value: Number, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and any(figure in "123456789" for figure in text) else text
