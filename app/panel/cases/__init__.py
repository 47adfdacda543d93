"""Pages of cases: list, page, worklist."""
