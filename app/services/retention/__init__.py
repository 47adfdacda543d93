"""Retention: periods, legal holds, purge."""
