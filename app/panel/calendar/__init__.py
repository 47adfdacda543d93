"""Agenda, month and the private calendar address."""
