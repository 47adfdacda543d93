"""Tables of other systems, taken over."""
