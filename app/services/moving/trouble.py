"""What ends a move."""


class Trouble(Exception):
    """The instance stays where it is; the message says why, for a person."""
