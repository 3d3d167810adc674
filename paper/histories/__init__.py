"""What is remembered of accounts: what an account has (`accounts`), and what is asked of its past (`questions`), which is
answered from lists (`listed`) or from a database.
"""
