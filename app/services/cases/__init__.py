"""Cases: creation, transitions, assignment, worklist, filters."""
