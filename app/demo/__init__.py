"""Demo data: a working day of every SOP, and as many more cases as are asked for."""
