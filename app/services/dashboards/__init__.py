"""Dashboards: figures, indicators, conformance, drilldown."""
