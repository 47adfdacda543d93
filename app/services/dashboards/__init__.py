"""How the procedures run: figures, indicators, conformance, and the rows behind a number."""
