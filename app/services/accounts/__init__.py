"""Accounts: their names, and what they are signed in with."""
