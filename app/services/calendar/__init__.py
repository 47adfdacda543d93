"""The calendar: agenda, entries of a month, feed."""
