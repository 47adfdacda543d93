"""What all services use: visibility, history, database, time, errors, wording."""
