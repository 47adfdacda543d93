"""Dashboards, indicators, conformance."""
