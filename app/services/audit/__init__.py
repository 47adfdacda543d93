"""The audit log: who did what beside the steps of cases, chained by hashes as their histories are."""
