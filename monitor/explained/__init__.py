"""Why NAV changed: parts that add up for every hour, the fills that explain it, and likely causes of what is left."""
