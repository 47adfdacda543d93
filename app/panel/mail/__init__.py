"""Mail that came in, for those who handle it."""
