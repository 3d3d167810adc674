"""What the pages of every process share: style sheet, script, base template, how numbers are written, security headers.

It imports nothing of ours.
"""
