"""The shape of a conversation: how deep and broad it is, who takes part, how soon they answer.

What was deleted or removed keeps its place, so that what is below it is as deep as it was, and is
counted nowhere.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import LiteralString

from graph import ids, projections, reads
from graph.projection import Pending, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import standing, visible_post


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, as its place in a conversation needs it.

    Args:
        stands: Whether it is neither deleted nor removed.
    """

    id: str
    parent_id: str
    author_id: str
    at: int
    depth: int
    stands: bool


def measure(post_id: str, written_at: int, everything: Sequence[Said]) -> Row:
    """Measure a conversation.

    Row: `{comments, depth, breadth, branching_factor, participants, median_reply_time, most}`; the
    time is in seconds, None without comments; `most` is (id, how many below), None without replies.

    Args:
        post_id: The post at its root.
        written_at: When the post was written, ms since 1970 UTC.
        everything: All comments below it.
    """
    said = [each for each in everything if each.stands]
    instants = {post_id: written_at} | {each.id: each.at for each in everything}
    levels = Counter(each.depth for each in said)
    answered = {each.parent_id for each in said}
    delays = [each.at - instants.get(each.parent_id, each.at) for each in said]
    return {
        "comments": len(said),
        "depth": max(levels, default=0),
        "breadth": max(levels.values(), default=0),
        "branching_factor": len(said) / len(answered) if answered else 0.0,
        "participants": len({each.author_id for each in said}),
        "median_reply_time": median(delays) / 1_000 if delays else None,
        "most": _most_replied(everything),
    }


def _most_replied(everything: Sequence[Said]) -> tuple[str, int] | None:
    """Give the comment with most below it at any depth, the oldest of several."""
    below: Counter[str] = Counter()
    for each in sorted(everything, key=lambda each: -each.depth):
        below[each.parent_id] += below[each.id] + each.stands
    ranked = [(-below[each.id], each.at, each.id) for each in everything if each.stands]
    count, _, first = min(ranked, default=(0, 0, ""))
    return (first, -count) if count else None


def find_conversation(viewer: Viewer, post_id: str, selection: Selection) -> Statement[Row | None]:
    """Measure the conversation below a post that the viewer may see.

    Row: what `measure` gives, `{post, as_of}`, and `most_replied`: `{comment, replies}` or None.
    Cost: linear in its comments; a second statement reads the one with most replies.
    """
    post = projections.post(selection.child("post", "Post"), "post", "$s")
    value: LiteralString = f"""\
head(COLLECT {{
  MATCH (post:Post {{id: $id}}) WHERE {visible_post("post")}
  RETURN {{post: {post.text}, written_at: post.created_at, said: COLLECT {{
    MATCH (post)<-[:REPLY_TO|ONCE_REPLY_TO]-+(comment:Comment)
    RETURN [comment.id, comment.parent_id, comment.author_id, comment.created_at, comment.depth,
      {standing("comment")}] AS said
  }}}} AS row
}})"""
    now = ids.now_ms()

    def finish(row: Row | None, pending: list[Pending]) -> Row | None:
        if row is None:
            return None
        found = measure(post_id, row["written_at"], [Said(*each) for each in row["said"]])
        found |= {"post": post.finish(row["post"], pending), "as_of": now, "most_replied": None}
        most, wanted = found.pop("most"), selection.child("most_replied", "MostReplied")
        if most and wanted.fields:
            _add_most_replied(found, most, wanted, pending)
        return found

    return reads.read_value(viewer, value, {"s": post.parameters, "id": post_id}, finish)


def _add_most_replied(
    found: Row, most: tuple[str, int], wanted: Selection, pending: list[Pending]
) -> None:
    comment_id, count = most

    def deliver(comments: Mapping[str, Row]) -> None:
        if comment := comments.get(comment_id):
            found["most_replied"] = {"comment": comment, "replies": count}

    pending.append(Pending([comment_id], wanted.child("comment", "Comment"), deliver))
