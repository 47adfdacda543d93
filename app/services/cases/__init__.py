"""Cases: created, moved by transitions, assigned, listed, filtered."""
