"""Notices, in the panel and by mail."""
