"""Who means no good: what they send, how slowly, under which name, and what they find out."""
