"""Notices: who is told what, in the panel and by mail."""
