"""The commands of `python -m monitor`, one file each: arguments, words, exit codes."""
