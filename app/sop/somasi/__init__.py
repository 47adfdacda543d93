"""Somasi masuk: the response of Legal and Customer Service to a demand letter."""
