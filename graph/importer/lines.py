"""The lines of an import file: the form of each kind, and why a line is broken."""

from functools import partial
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from graph.entities import check_tag
from graph.errors import InvalidInput
from graph.text import check_text
from graph.users import LONGEST_NAME

Number = Annotated[int, Field(ge=0, lt=2**63)]
"""An id as the file has it: users have one numbering, posts and comments together another."""
Instant = Annotated[int, Field(ge=0, lt=253_370_764_800_000)]
"""Milliseconds since 1970 UTC, before the year 9999, which is as far as `DateTime` goes."""
Name = Annotated[
    str, AfterValidator(partial(check_text, name="display_name", longest=LONGEST_NAME))
]
Bio = Annotated[str, AfterValidator(partial(check_text, name="bio", longest=1_000))]
Text = Annotated[str, AfterValidator(check_text)]
Tag = Annotated[str, AfterValidator(lambda tag: check_tag(tag, "tags").display_name)]


class BrokenLine(Exception):  # noqa: N818 - named for what it says
    """A line that cannot be imported, and the reason."""


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    user_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that hold the number of a user."""
    message_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that hold the number of a post or comment."""

    def users(self) -> list[int]:
        """Give the users that the line is about or names."""
        return [getattr(self, name) for name in self.user_fields]

    def messages(self) -> list[int]:
        """Give the posts and comments that the line is about or names."""
        return [getattr(self, name) for name in self.message_fields]


class UserLine(_Line):
    """A person."""

    user_fields = ("id",)

    kind: Literal["user"]
    id: Number
    username: Annotated[str, Field(pattern=r"^[a-z0-9_]{3,30}$")]
    display_name: Name
    bio: Bio | None = None
    created_at_ms: Instant


class FollowLine(_Line):
    """`src` follows `dst`."""

    user_fields = ("src", "dst")

    kind: Literal["follow"]
    src: Number
    dst: Number
    at_ms: Instant


class PostLine(_Line):
    """A post; its tags come from `tags`, none are looked for in the text."""

    user_fields = ("author",)
    message_fields = ("id",)

    kind: Literal["post"]
    id: Number
    author: Number
    text: Text
    visibility: Literal["PUBLIC", "FOLLOWERS"] = "PUBLIC"
    tags: list[Tag] = []
    created_at_ms: Instant


class CommentLine(_Line):
    """A reply to `parent`: the post itself, or a comment of it that stands before."""

    user_fields = ("author",)
    message_fields = ("id", "post", "parent")

    kind: Literal["comment"]
    id: Number
    author: Number
    post: Number
    parent: Number
    text: Text
    created_at_ms: Instant


class LikeLine(_Line):
    """`user` likes `subject`, a post or a comment."""

    user_fields = ("user",)
    message_fields = ("subject",)

    kind: Literal["like"]
    user: Number
    subject: Number
    at_ms: Instant


class ShareLine(_Line):
    """`user` passes `post` on."""

    user_fields = ("user",)
    message_fields = ("post",)

    kind: Literal["share"]
    user: Number
    post: Number
    at_ms: Instant


Line = UserLine | FollowLine | PostLine | CommentLine | LikeLine | ShareLine
_LINE: Final[TypeAdapter[Line]] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


def parse_line(line: bytes) -> Line:
    """Read one line; fields that its kind does not have are passed over.

    Raises:
        BrokenLine: It is no JSON, of no known kind, or a field is missing or breaks a rule.
    """
    try:
        return _LINE.validate_json(line)
    except ValidationError as error:
        raise BrokenLine(_reason(error)) from error
    except InvalidInput as error:
        raise BrokenLine(error.message) from error


def _reason(error: ValidationError) -> str:
    reasons: list[str] = []
    for each in error.errors(include_url=False):
        if each["type"].startswith("union_tag"):
            return "`kind` should be user, follow, post, comment, like or share"
        field = ".".join(str(part) for part in each["loc"][1:])
        reasons.append(f"`{field}`: {each['msg']}" if field else each["msg"])
    return "; ".join(reasons)
