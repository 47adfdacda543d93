"""APKT: complaints (keluhan) and outages (gangguan), with their own import file, report and dashboard figure."""
