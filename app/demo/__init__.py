"""Demo data: a working day of every SOP, and any number of further cases."""
