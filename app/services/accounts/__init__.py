"""Accounts: made with a database, told apart by name, signed in and out."""
