"""What an SOP is and what it allows: pure Python, no Flask, no database."""
