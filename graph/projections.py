"""What each type's selection reads: the projections of people, posts, comments and tags."""

from typing import LiteralString

from graph import edges
from graph.connections import Order, add_page, connection_selection
from graph.image_projections import add_avatar, add_media
from graph.interaction_order import of_kinds
from graph.orders import (
    AUTHOR_POSTS,
    COMMENT_REVISIONS,
    COMMENTS,
    FOLLOWERS,
    FOLLOWING,
    POST_REVISIONS,
    TAG_POSTS,
    CommentSort,
)
from graph.projection import Pending, Projection, Row, add_all, add_one
from graph.samples import FOLLOW, LIKE, Deed, add_known
from graph.selection import Selection
from graph.threads import add_thread
from graph.visibility import (
    shared_tombstone,
    standing,
    tombstone,
    visible_post,
    visible_tag,
    visible_user,
)


def post_stats(post: LiteralString) -> LiteralString:
    """Give the map of a post's `PostStats`: four degrees, whatever they come to."""
    return (
        f"{{likes: COUNT {{ ({post})<-[:LIKED]-() }}, "
        f"comments: COUNT {{ ({post})<-[:ON_POST]-() }}, "
        f"shares: COUNT {{ ({post})<-[:SHARED]-() }}, "
        f"bookmarks: COUNT {{ ({post})<-[:BOOKMARKED]-() }}}}"
    )


def user(selection: Selection, node: LiteralString, path: LiteralString) -> Projection:
    """Project a `User`."""
    into = Projection(node, path)
    into.add(".id", ".username", ".display_name", ".bio", ".role", ".created_at")
    if "stats" in selection:
        into.add(
            f"stats: {{followers: COUNT {{ ({node})<-[:FOLLOWS]-() }}, "
            f"following: COUNT {{ ({node})-[:FOLLOWS]->() }}, "
            f"posts: COUNT {{ ({node})-[:POSTED]->() }}, "
            f"comments: COUNT {{ ({node})-[:COMMENTED]->() }}}}"
        )
    if "viewer" in selection:
        into.add(
            f"viewer: {{following: {edges.follows('viewer.id', node + '.id')}, "
            f"followed_by: {edges.follows(node + '.id', 'viewer.id')}, "
            f"blocking: {edges.blocks('viewer.id', node + '.id')}, "
            f"muting: {edges.mutes('viewer.id', node + '.id')}}}"
        )
    add_avatar(into, selection)
    for slot, used in selection.slotted("posts"):
        posts = post(
            connection_selection(used, "Post"), f"{node}_posts{slot}", f"{path}.posts{slot}"
        )
        add_page(into, f"posts{slot}", used, AUTHOR_POSTS, posts)
    for slot, used in selection.slotted("followers"):
        users = user(
            connection_selection(used, "User"), f"{node}_followers{slot}", f"{path}.followers{slot}"
        )
        add_page(into, f"followers{slot}", used, FOLLOWERS, users)
    for slot, used in selection.slotted("following"):
        users = user(
            connection_selection(used, "User"), f"{node}_following{slot}", f"{path}.following{slot}"
        )
        add_page(into, f"following{slot}", used, FOLLOWING, users)
    _add_known(into, selection, "mutuals", FOLLOW)
    return into


def _add_known(into: Projection, selection: Selection, name: LiteralString, deed: Deed) -> None:
    for slot, used in selection.slotted(name):
        people = user(
            used.children["UserSample"].child("users", "User"),
            f"{into.node}_{name}{slot}",
            f"{into.path}.{name}{slot}",
        )
        add_known(into, f"{name}{slot}", used, deed, people)


def _add_author(into: Projection, selection: Selection) -> None:
    if "author" not in selection:
        return
    author = user(selection.child("author", "User"), f"{into.node}_author", f"{into.path}.author")
    match: LiteralString = f"MATCH ({author.node}:User {{id: {into.node}.author_id}})"
    add_one(into, "author", match, author)


def _add_comments(into: Projection, selection: Selection, name: LiteralString) -> None:
    for slot, used in selection.slotted(name):
        comments = comment(
            connection_selection(used, "Comment"),
            f"{into.node}_{name}{slot}",
            f"{into.path}.{name}{slot}",
        )
        order = COMMENTS[CommentSort(used.arguments["sort"])]
        add_page(into, f"{name}{slot}", used, order, comments)


def _add_mentions(into: Projection, selection: Selection) -> None:
    if "mentions" not in selection:
        return
    node: LiteralString = f"{into.node}_mention"
    people = user(selection.child("mentions", "User"), node, f"{into.path}.mentions")
    match: LiteralString = (
        f"MATCH ({into.node})-[{node}_r:MENTIONS]->({node}) WHERE {visible_user(node)} "
        f"WITH {node}, {node}_r ORDER BY {node}_r.position"
    )
    add_all(into, "mentions", match, people)


def _add_tags(into: Projection, selection: Selection) -> None:
    if "tags" not in selection:
        return
    node: LiteralString = f"{into.node}_tag"
    tags = tag(selection.child("tags", "Tag"), node, f"{into.path}.tags")
    match: LiteralString = (
        f"MATCH ({into.node})-[{node}_r:TAGGED]->({node}) "
        f"WITH {node}, {node}_r ORDER BY {node}_r.position"
    )
    add_all(into, "tags", match, tags)


def tag(
    selection: Selection,
    node: LiteralString,
    path: LiteralString,
    *,
    is_followed: bool = False,
) -> Projection:
    """Project a `Tag` that the viewer may know of.

    Of one that they may know of because they follow it, it is not told whether there are posts.
    """
    into = Projection(node, path)
    into.add(".name", ".display_name")
    if "stats" in selection:
        count: LiteralString = f"COUNT {{ ({node})<-[:TAGGED]-() }}"
        if is_followed:
            count = f"CASE WHEN {visible_tag(node)} THEN {count} ELSE 0 END"
        into.add(f"stats: {{posts: {count}}}")
    if "viewer" in selection:
        into.add(f"viewer: {{following: {edges.follows_tag('viewer.id', node + '.name')}}}")
    for slot, used in selection.slotted("posts"):
        posts = post(
            connection_selection(used, "Post"), f"{node}_posts{slot}", f"{path}.posts{slot}"
        )
        add_page(into, f"posts{slot}", used, TAG_POSTS, posts)
    return into


def _add_revisions(into: Projection, selection: Selection, order: Order) -> None:
    for slot, used in selection.slotted("revisions"):
        texts = Projection(f"{into.node}_revisions{slot}", f"{into.path}.revisions{slot}")
        texts.add(".id", ".text", ".created_at", ".replaced_at")
        add_page(into, f"revisions{slot}", used, order, texts)


def post(selection: Selection, node: LiteralString, path: LiteralString) -> Projection:
    """Project a `Post` that the viewer may see."""
    into = Projection(node, path)
    into.add(".id", ".text", ".visibility", ".created_at", ".edited_at")
    _add_author(into, selection)
    _add_tags(into, selection)
    _add_mentions(into, selection)
    add_media(into, selection)
    if "stats" in selection:
        into.add(f"stats: {post_stats(node)}")
    if "viewer" in selection:
        into.add(
            f"viewer: {{has_liked: {edges.likes('viewer.id', node + '.id')}, "
            f"has_shared: {edges.shares('viewer.id', node + '.id')}, "
            f"has_bookmarked: {edges.bookmarks('viewer.id', node + '.id')}, "
            f"has_muted_conversation: {edges.mutes_conversation('viewer.id', node + '.id')}, "
            f"can_edit: {node}.author_id = viewer.id, "
            f"can_delete: {node}.author_id = viewer.id, can_reply: true}}"
        )
    if "quote_of" in selection:
        quoted = post(selection.child("quote_of", "Post"), f"{node}_quoted", f"{path}.quote_of")
        match: LiteralString = (
            f"MATCH ({node})-[:QUOTES]->({quoted.node}:Post) WHERE {visible_post(quoted.node)}"
        )
        add_one(into, "quote_of", match, quoted)
    _add_revisions(into, selection, POST_REVISIONS)
    _add_comments(into, selection, "comments")
    for slot, used in selection.slotted("thread"):
        add_thread(into, f"thread{slot}", used)
    for slot, used in selection.slotted("interactions"):
        interactions = interaction(
            connection_selection(used, "Interaction"),
            f"{node}_interactions{slot}",
            f"{path}.interactions{slot}",
        )
        add_page(into, f"interactions{slot}", used, of_kinds(used.arguments["kinds"]), interactions)
    _add_known(into, selection, "known_likers", LIKE)
    return into


def comment(
    selection: Selection, node: LiteralString, path: LiteralString, *, is_shared: bool = False
) -> Projection:
    """Project a `Comment` of a post that the viewer may see; a tombstone where it is hidden.

    One that is shared is read for all whom no block parts from its author.
    """
    into = Projection(node, path, conceal=_conceal_tombstone)
    reason = shared_tombstone(node) if is_shared else tombstone(node)
    into.add(".id", ".text", ".depth", ".created_at", ".edited_at", f"tombstone: {reason}")
    _add_author(into, selection)
    _add_mentions(into, selection)
    if "stats" in selection:
        into.add(
            f"stats: {{likes: COUNT {{ ({node})<-[:LIKED]-() }}, "
            f"replies: COUNT {{ ({node})<-[:REPLY_TO]-() }}}}"
        )
    if "viewer" in selection:
        into.add(
            f"viewer: {{has_liked: {edges.likes('viewer.id', node + '.id')}, has_shared: false, "
            f"has_bookmarked: false, has_muted_conversation: "
            f"{edges.mutes_conversation('viewer.id', node + '.post_id')}, "
            f"can_edit: {node}.author_id = viewer.id, can_delete: {node}.author_id = viewer.id, "
            f"can_reply: true}}"
        )
    _add_revisions(into, selection, COMMENT_REVISIONS)
    _add_comments(into, selection, "replies")
    _add_known(into, selection, "known_likers", LIKE)
    if "post" in selection:
        root = post(selection.child("post", "Post"), f"{node}_post", f"{path}.post")
        add_one(into, "post", f"MATCH ({root.node}:Post {{id: {node}.post_id}})", root)
    if "parent" in selection:
        parent = comment(selection.child("parent", "Comment"), f"{node}_parent", f"{path}.parent")
        add_one(into, "parent", f"MATCH ({parent.node}:Comment {{id: {node}.parent_id}})", parent)
    return into


def _conceal_tombstone(row: Row) -> None:
    if row["tombstone"] is None:
        return
    row |= {"text": None, "edited_at": None, "author": None}
    if "mentions" in row:
        row["mentions"] = []
    if "viewer" in row:
        row["viewer"] |= {"can_edit": False, "can_delete": False, "can_reply": False}


def add_subject(
    into: Projection, selection: Selection, id_value: LiteralString, *, is_shared: bool = False
) -> None:
    """Add `subject`: the post or comment with the id that an expression gives, if visible.

    One that is shared is known to be visible, as long as it stands.
    """
    if "subject" not in selection:
        return
    path: LiteralString = f"{into.path}.subject"
    posts = post(selection.child("subject", "Post"), f"{into.node}_post", f"{path}.post")
    comments = comment(
        selection.child("subject", "Comment"),
        f"{into.node}_comment",
        f"{path}.comment",
        is_shared=is_shared,
    )
    is_visible = standing(posts.node) if is_shared else visible_post(posts.node)
    match: LiteralString = (
        f"MATCH ({comments.node}:Comment {{id: {id_value}}})"
        if is_shared
        else match_comment(comments.node, id_value)
    )
    value: LiteralString = (
        f"{{post: head(COLLECT {{ MATCH ({posts.node}:Post {{id: {id_value}}}) "
        f"WHERE {is_visible} RETURN {posts.text} AS row }}), "
        f"comment: head(COLLECT {{ {match} RETURN {comments.text} AS row }})}}"
    )

    def finish(value: Row, pending: list[Pending]) -> Row | None:
        as_post = posts.finish_optional(value["post"], pending)
        return as_post or comments.finish_optional(value["comment"], pending)

    parameters = {"post": posts.parameters, "comment": comments.parameters}
    into.add_child("subject", value, key="subject", parameters=parameters, finish=finish)


def match_comment(comment: LiteralString, id_value: LiteralString) -> LiteralString:
    """Give the clauses that bind a comment by id where the viewer may see its post."""
    root: LiteralString = f"{comment}_root"
    return (
        f"MATCH ({comment}:Comment {{id: {id_value}}}) "
        f"MATCH ({root}:Post {{id: {comment}.post_id}}) WHERE {visible_post(root)}"
    )


def interaction(
    selection: Selection, node: LiteralString, path: LiteralString, *, is_shared: bool = False
) -> Projection:
    """Project an `Interaction`, bound as a map by `graph.interactions`."""
    into = Projection(node, path)
    into.add(".id", ".kind", ".created_at")
    if "actor" in selection:
        actor = user(selection.child("actor", "User"), f"{node}_actor", f"{path}.actor")
        add_one(into, "actor", f"MATCH ({actor.node}:User {{id: {node}.actor_id}})", actor)
    add_subject(into, selection, f"{node}.subject_id", is_shared=is_shared)
    return into
