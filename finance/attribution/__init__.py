"""Why NAV changed within an hour: parts that add up to the change to the last digit."""
