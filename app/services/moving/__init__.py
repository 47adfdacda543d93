"""Moving an instance to another database and another storage."""
