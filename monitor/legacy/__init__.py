"""The tables of an older system: read, set beside ours, and what they alone know brought along."""
