"""The whole calculation a second time, from its definitions and from what the venue really did. Imports no monitor."""
