"""Procedures as people read them: an SOP's declaration as tables of words, and as a printed document."""
