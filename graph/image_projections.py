"""What is read of images: of a person's avatar, and of those that a post shows."""

from typing import LiteralString

from graph.projection import Projection, add_all, add_one
from graph.selection import Selection


def media(node: LiteralString, path: LiteralString) -> Projection:
    """Project a `Media` that the viewer may see."""
    into = Projection(node, path)
    into.add(".id", ".key", ".content_type", ".width", ".height", ".alt_text", ".created_at")
    into.add(".thumbnail_key", ".blurhash")
    return into


def add_avatar(into: Projection, selection: Selection) -> None:
    """Add `avatar`: a person's image of themselves."""
    if "avatar" not in selection:
        return
    avatar = media(f"{into.node}_avatar", f"{into.path}.avatar")
    match: LiteralString = f"MATCH ({avatar.node}:Media {{id: {into.node}.avatar_id}})"
    add_one(into, "avatar", match, avatar)


def add_media(into: Projection, selection: Selection) -> None:
    """Add `media`: the images of a post, in its order; none of a comment."""
    if "media" not in selection:
        return
    image = media(f"{into.node}_media", f"{into.path}.media")
    ids: LiteralString = f"{image.node}_ids"
    at: LiteralString = f"{image.node}_at"
    match: LiteralString = (
        f"WITH coalesce({into.node}.media_ids, []) AS {ids} "
        f"UNWIND range(0, size({ids}) - 1) AS {at} "
        f"MATCH ({image.node}:Media {{id: {ids}[{at}]}}) WITH {image.node} ORDER BY {at}"
    )
    add_all(into, "media", match, image)
