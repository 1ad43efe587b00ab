"""What can go wrong on a developer's machine."""


class LocalError(Exception):
    """Something a person can put right: its text names the thing and the remedy."""
