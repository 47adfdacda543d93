"""Copies of an instance: one archive of rows and files, taken while it runs, checked, encrypted, put back."""
