"""What can go wrong between a caller and the graph, in the domain's own words."""


class GraphError(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        message: What was wrong, with what value, and what to do.
        path: The input field that caused it, outermost first; empty when none did.
    """

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class InvalidInput(GraphError):  # noqa: N818 - named for what it says, as clients see it
    """A value breaks a stated rule."""


class NotFound(GraphError):  # noqa: N818
    """No such thing, or none that this viewer may see: the two are told alike."""


class Forbidden(GraphError):  # noqa: N818
    """The thing is visible, but this act on it is not this viewer's."""


class Conflict(GraphError):  # noqa: N818
    """The act contradicts something that is there already."""


class InvalidCredentials(GraphError):  # noqa: N818
    """The name, password or token does not open anything."""


class SessionEnded(GraphError):  # noqa: N818
    """The viewer's session was revoked, has expired, or its user may no longer act."""


class Unavailable(GraphError):  # noqa: N818
    """Neo4j cannot be reached, or did not answer in time."""
