"""Deadlines: the clocks of a case, how they are counted, and the working calendar."""
