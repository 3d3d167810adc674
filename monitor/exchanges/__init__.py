"""What is asked of exchanges: the only package that imports ccxt.

`contract` says what an adapter must answer; one file or folder per exchange answers it.
"""
