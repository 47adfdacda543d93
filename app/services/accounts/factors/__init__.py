"""Second factors: codes by time, passkeys, and recovery codes for the day on which neither is at hand."""
