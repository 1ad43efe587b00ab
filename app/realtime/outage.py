"""Tell the log of an outage when it begins and when it ends, not at every attempt between."""

import logging

_logger = logging.getLogger(__name__)


class Outage:
    """Whether something that we depend on is away.

    Args:
        what: What is away, as the log names it, with what that means for users.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether it lasts."""
        return self._is_open

    def began(self, error: BaseException) -> None:
        """Note a failure; only the first of a row is logged."""
        if not self._is_open:
            _logger.warning("%s: %s", self._what, error or type(error).__name__)
        self._is_open = True

    def ended(self) -> None:
        """Note a success; only the first after a failure is logged."""
        if self._is_open:
            _logger.info("%s: over", self._what)
        self._is_open = False
