"""Imports of tables from other systems."""
