"""Evidence: signed checkpoints of all histories, anchors outside of the database, and what compares the two."""
