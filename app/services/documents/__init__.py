"""Documents of a case: files, their storage and their kinds, printed forms, recordings."""
