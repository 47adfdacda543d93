"""Search over all SOPs: the index, the query, similar reports."""
