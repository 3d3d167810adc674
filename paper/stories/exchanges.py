"""The exchanges that stories may name, and the systems their accounts may be of; the first is the one without being told."""

from paper.stories.lines import StoryFault

SYSTEMS = {
    "binance": ("classic", "unified"),
    "bitget": ("classic", "unified", "hybrid"),  # hybrid: while it changes
    "gate": ("classic", "single_currency", "multi_currency", "portfolio"),
    "mexc": ("classic",),
}
PASSPHRASES = ("bitget",)  # where a key has one beside its secret
DEFAULT, CLASSIC = "binance", "classic"


def read_exchange(words: tuple[str, ...]) -> tuple[str, str]:
    """Exchange and system of `on EXCHANGE [SYSTEM]`, or the default ones. Raises StoryFault."""
    match words:
        case ():
            return DEFAULT, CLASSIC
        case ("on", exchange, *system) if exchange in SYSTEMS and len(system) <= 1:
            return exchange, check_system(exchange, system[0] if system else CLASSIC)
    raise StoryFault(f"expected: on EXCHANGE [SYSTEM], of {', '.join(SYSTEMS)}")


def check_system(exchange: str, system: str) -> str:
    """The system, if the exchange has it. Raises StoryFault."""
    if system not in SYSTEMS[exchange]:
        raise StoryFault(f"'{system}' is none of the account systems of {exchange}: {', '.join(SYSTEMS[exchange])}")
    return system


def named_exchange(words: tuple[str, ...]) -> str:
    """The exchange that a line names an account of; the default one for every other line."""
    match words:
        case ("account", _, "on", exchange, *_) if exchange in SYSTEMS:
            return exchange
    return DEFAULT
