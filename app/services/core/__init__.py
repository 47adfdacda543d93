"""What every service leans on: who may see what, history, database, time, errors, wording."""
