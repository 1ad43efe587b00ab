"""Lines that are written together: each is held against what is there, and becomes a row."""

from collections.abc import Iterator
from typing import Any

from graph import ids
from graph.comments import NewComment
from graph.entities import TagName
from graph.importer.known import Known, Message, comment_id, post_id, user_id
from graph.importer.lines import (
    BrokenLine,
    CommentLine,
    FollowLine,
    LikeLine,
    Line,
    PostLine,
    ShareLine,
    UserLine,
)
from graph.importer.writes import WRITES, write_rows
from graph.naming import tag_rows
from graph.posts import NewPost
from graph.statement import Statement
from graph.viewer import Role
from graph.words import searchable


class Batch:
    """Rows for the graph, in the form that the commands give to what they create.

    Args:
        known: What the lines to come are held against; what they add is entered there.
        password_hash: What new users log in with; None for nothing.
    """

    def __init__(self, known: Known, password_hash: str | None) -> None:
        self._known = known
        self._password_hash = password_hash
        self._rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in WRITES}

    def add(self, line: Line) -> bool:
        """Take a line in, and tell whether it says anything new.

        Raises:
            BrokenLine: It names something that is not there, or contradicts what is.
        """
        match line:
            case UserLine():
                return self._add_user(line)
            case FollowLine():
                return self._add_follow(line)
            case PostLine():
                return self._add_post(line)
            case CommentLine():
                return self._add_comment(line)
            case LikeLine():
                return self._add_like(line)
            case ShareLine():
                return self._add_share(line)

    def statements(self) -> Iterator[Statement[None]]:
        """Yield the statements that write the rows: nothing before what it refers to."""
        for kind, rows in self._rows.items():
            if rows:
                yield write_rows(kind, rows)

    def _add_user(self, line: UserLine) -> bool:
        user = user_id(line.id)
        if user in self._known.users:
            return False
        owner = self._known.usernames.setdefault(line.username, user)
        if owner != user:
            raise BrokenLine(f"`username`: {line.username!r} is the name of {owner} already")
        self._known.users.add(user)
        row = {
            "id": user,
            "username": line.username,
            "display_name": line.display_name,
            "words": searchable(line.username, line.display_name),
            "bio": line.bio,
            "role": Role.USER.name,
            "created_at": line.created_at_ms,
            "password_hash": self._password_hash,
        }
        self._rows["user"].append(row)
        return True

    def _add_follow(self, line: FollowLine) -> bool:
        follower, followee = self._user("src", line.src), self._user("dst", line.dst)
        if follower == followee:
            raise BrokenLine("`dst`: nobody follows themselves")
        if (follower, followee) in self._known.follows:
            return False
        self._known.follows.add((follower, followee))
        row = {
            "follower_id": follower,
            "followee_id": followee,
            "at": line.at_ms,
            "k": ids.key(line.at_ms, f"{follower}:{followee}"),
        }
        self._rows["follow"].append(row)
        return True

    def _add_post(self, line: PostLine) -> bool:
        post = post_id(line.id)
        author = self._user("author", line.author)
        if not self._is_new(line.id, post):
            return False
        self._known.messages[line.id] = Message(post, post, 0, line.visibility == "PUBLIC")
        new = NewPost(post, author, line.text, line.created_at_ms, line.visibility)
        tags = tag_rows(TagName.of(tag) for tag in line.tags)
        self._rows["post"].append({"post": new.properties(), "tags": tags})
        return True

    def _add_comment(self, line: CommentLine) -> bool:
        comment = comment_id(line.id)
        author = self._user("author", line.author)
        post = self._post("post", line.post)
        parent = self._message("parent", line.parent)
        if parent.post_id != post.id:
            raise BrokenLine(f"`parent`: {parent.id} belongs to {parent.post_id}, not to {post.id}")
        if not self._is_new(line.id, comment):
            return False
        depth = parent.depth + 1
        self._known.messages[line.id] = Message(comment, post.id, depth, is_public=False)
        reply_to = parent.id if parent.depth else None
        new = NewComment(comment, author, post.id, reply_to, line.text, line.created_at_ms)
        self._rows["comment"].append({**new.properties(), "depth": depth})
        return True

    def _add_like(self, line: LikeLine) -> bool:
        user, subject = self._user("user", line.user), self._message("subject", line.subject)
        if (user, subject.id) in self._known.likes:
            return False
        self._known.likes.add((user, subject.id))
        k = ids.key(line.at_ms, f"l:{user}")
        row = {"user_id": user, "subject_id": subject.id, "at": line.at_ms, "k": k}
        self._rows["like"].append(row)
        return True

    def _add_share(self, line: ShareLine) -> bool:
        user, post = self._user("user", line.user), self._post("post", line.post)
        if (user, post.id) in self._known.shares:
            return False
        if not post.is_public:
            raise BrokenLine(f"`post`: {post.id} is for followers only, and not to be shared")
        self._known.shares.add((user, post.id))
        k = ids.key(line.at_ms, f"s:{user}")
        self._rows["share"].append({"user_id": user, "post_id": post.id, "at": line.at_ms, "k": k})
        return True

    def _user(self, name: str, number: int) -> str:
        user = user_id(number)
        if user not in self._known.users:
            raise BrokenLine(f"`{name}`: there is no user {number}")
        return user

    def _message(self, name: str, number: int) -> Message:
        message = self._known.messages.get(number)
        if message is None:
            raise BrokenLine(f"`{name}`: there is no post or comment {number}")
        return message

    def _post(self, name: str, number: int) -> Message:
        message = self._known.messages.get(number)
        if message is None or message.depth:
            raise BrokenLine(f"`{name}`: there is no post {number}")
        return message

    def _is_new(self, number: int, message_id: str) -> bool:
        message = self._known.messages.get(number)
        if message is not None and message.id != message_id:
            raise BrokenLine(f"`id`: {number} is the number of {message.id} already")
        return message is None
