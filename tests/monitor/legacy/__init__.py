"""The import of an older system's tables."""
