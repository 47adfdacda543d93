"""Webhooks: programs elsewhere are told of the events of cases."""
