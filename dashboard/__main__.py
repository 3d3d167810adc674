"""`python -m dashboard`: what it does stands in dashboard/program.py; here its libraries are told how to be imported."""

import sys

from dashboard.lean import import_leanly

if __name__ == "__main__":
    import_leanly()
    from dashboard.program import main

    sys.exit(main())
