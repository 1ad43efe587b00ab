"""A Cypher statement as a value: literal text, parameters, and how to read its answer. No I/O."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, LiteralString, TypeVar

T = TypeVar("T")
Record = Mapping[str, Any]


class Access(Enum):
    """Whether a statement only reads (and may go to a follower of a cluster) or writes."""

    READ = "READ"
    WRITE = "WRITE"


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """One Cypher statement.

    Every statement is safe to run twice: a runner repeats it when the server asks for that, and
    when a connection is lost in the middle of a commit.

    Args:
        text: Cypher, assembled from literals only; values travel in `parameters`.
        parameters: What the text refers to with `$`.
        decode: Makes the answer of the records, or a further statement whose answer it is.
        access: Reading or writing.
    """

    text: LiteralString
    parameters: Mapping[str, Any]
    decode: "Callable[[Sequence[Record]], T | Statement[T]]"
    access: Access = field(default=Access.READ)
