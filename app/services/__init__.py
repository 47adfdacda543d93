"""Verbs: what the product does, known to panel, API, jobs and commands alike. No service knows a request."""
