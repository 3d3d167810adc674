"""The venue as a program whose accounts outlive restarts: `python -m paper serve`, `verify`, `user add`.

settings (which database) → ports (where it listens) → opening (the venue as its database has it) → serving, adding, verifying
"""
