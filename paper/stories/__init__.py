"""Accounts that live by plain text: the lines (`lines`), the venue that runs them (`venue`), and what each verb does (`verbs`).

Everything but spot trading stands here alone: contracts, margin, options, Earn and fiat exist in stories, for what reads them.
"""
