"""Who may see what: the one rule, as Cypher that every read, list, command and event is made of.

| state | people | posts | comments |
|---|---|---|---|
| blocked, by either | in no list, found by who blocks | not found | tombstone |
| author suspended | not found | not found | tombstone |
| removed by a moderator | | not found | tombstone |
| deleted | | not found | tombstone |
| for followers only | | not found for others | as their post |
| muted | | in no feed, no notification | no notification |

A tag is told to who may see a post that names it, an image as whatever shows it.

Nobody is hidden from themselves. Conditions name their viewer, `viewer` unless told otherwise.
"""

from typing import LiteralString

from graph import edges


def _is_shown(user: LiteralString, viewer: LiteralString) -> LiteralString:
    return (
        f"({user}.suspended_at IS NULL AND NOT {edges.blocks(f'{user}.id', f'{viewer}.id')} "
        f"AND NOT {edges.blocks(f'{viewer}.id', f'{user}.id')})"
    )


def visible_user(user: LiteralString, viewer: LiteralString = "viewer") -> LiteralString:
    """Give the condition under which a person, and what they do, stands in a list."""
    return f"({user}.id = {viewer}.id OR {_is_shown(user, viewer)})"


def blocked_people(viewer: LiteralString = "viewer") -> LiteralString:
    """Give the list of those whom blocks hide from the viewer, for `visible_besides`."""
    return f"COLLECT {{ MATCH ({viewer})-[:BLOCKS]-(blocked) RETURN blocked }}"


def visible_besides(user: LiteralString, blocked: LiteralString) -> LiteralString:
    """Give the condition of `visible_user` for a search that passes by very many people.

    It reads the viewer's blocks once instead of asking for each person's; `blocked` names the list
    of them.
    """
    return f"({user}.suspended_at IS NULL AND NOT {user} IN {blocked})"


def visible_profile(user: LiteralString, viewer: LiteralString = "viewer") -> LiteralString:
    """Give the condition under which somebody who asks for a person by name or id finds them.

    Whom one blocks oneself is found, or nobody could be unblocked.
    """
    return (
        f"({user}.id = {viewer}.id OR ({user}.suspended_at IS NULL "
        f"AND NOT {edges.blocks(f'{user}.id', f'{viewer}.id')}))"
    )


def welcome_user(user: LiteralString, viewer: LiteralString = "viewer") -> LiteralString:
    """Give the condition under which a person comes to feeds and notifications: not muted, too."""
    return f"({visible_user(user, viewer)} AND NOT {edges.mutes(f'{viewer}.id', f'{user}.id')})"


def standing(content: LiteralString) -> LiteralString:
    """Give the condition under which a post or comment is there for anybody at all."""
    return f"({content}.deleted_at IS NULL AND {content}.removed_at IS NULL)"


def _is_by_shown_author(content: LiteralString, viewer: LiteralString) -> LiteralString:
    author: LiteralString = f"{content}_by"
    return (
        f"EXISTS {{ MATCH ({author}:User {{id: {content}.author_id}}) "
        f"WHERE {_is_shown(author, viewer)} }}"
    )


def visible_post(post: LiteralString, viewer: LiteralString = "viewer") -> LiteralString:
    """Give the condition under which the viewer may see a post."""
    is_follower = edges.follows(f"{viewer}.id", f"{post}.author_id")
    return (
        f"({standing(post)} AND ({post}.author_id = {viewer}.id OR "
        f"(({post}.visibility = 'PUBLIC' OR {is_follower}) "
        f"AND {_is_by_shown_author(post, viewer)})))"
    )


def visible_comment(comment: LiteralString, viewer: LiteralString = "viewer") -> LiteralString:
    """Give the condition under which the viewer may see a comment, its post being visible.

    A comment that fails it is a tombstone: it keeps its place and what is below it.
    """
    return (
        f"({standing(comment)} AND ({comment}.author_id = {viewer}.id "
        f"OR {_is_by_shown_author(comment, viewer)}))"
    )


def visible_tag(tag: LiteralString, viewer: LiteralString = "viewer") -> LiteralString:
    """Give the condition under which the viewer may know of a tag: they see a post that names it.

    It ends at the first such post, and asks of each before it who may see that.
    """
    post: LiteralString = f"{tag}_post"
    return (
        f"EXISTS {{ MATCH ({post}:Post)-[{post}_r:TAGGED]->() "
        f"USING INDEX SEEK {post}_r:TAGGED(tag, k) "
        f"WHERE {post}_r.tag = {tag}.name AND {post}_r.k > '' AND {visible_post(post, viewer)} }}"
    )


def tombstone(comment: LiteralString) -> LiteralString:
    """Give why a comment is a tombstone for the viewer; null for one that may be seen."""
    is_blocked: LiteralString = (
        f"{edges.blocks(f'{comment}.author_id', 'viewer.id')} "
        f"OR {edges.blocks('viewer.id', f'{comment}.author_id')}"
    )
    return (
        f"CASE {_withdrawn(comment)} WHEN {comment}.author_id = viewer.id THEN null "
        f"{_unavailable(comment)} WHEN {is_blocked} THEN 'BLOCKED' END"
    )


def shared_tombstone(comment: LiteralString) -> LiteralString:
    """Give why a comment is a tombstone for all whom no block parts from its author."""
    return f"CASE {_withdrawn(comment)} {_unavailable(comment)} END"


def _withdrawn(comment: LiteralString) -> LiteralString:
    return (
        f"WHEN {comment}.deleted_at IS NOT NULL THEN 'DELETED' "
        f"WHEN {comment}.removed_at IS NOT NULL THEN 'REMOVED'"
    )


def _unavailable(comment: LiteralString) -> LiteralString:
    author: LiteralString = f"{comment}_by"
    return (
        f"WHEN NOT EXISTS {{ MATCH ({author}:User {{id: {comment}.author_id}}) "
        f"WHERE {author}.suspended_at IS NULL }} THEN 'UNAVAILABLE'"
    )


def shown_notification(notification: LiteralString) -> LiteralString:
    """Give the condition under which a notification of the viewer stands in lists and counts.

    Somebody who is welcome has caused it, and what it is about may be seen. That is the viewer's
    own or by whoever caused it, so that of a comment it need only be asked whether it stands. A
    moderator is named nowhere, and what they removed is not seen: of them it is always there.
    """
    post: LiteralString = f"{notification}_about"
    said: LiteralString = f"{notification}_said"
    return (
        f"({notification}.k IS NOT NULL AND ({notification}.kind = 'MODERATION' OR ("
        f"({notification}.subject_id IS NULL OR EXISTS {{ "
        f"OPTIONAL MATCH ({said}:Comment {{id: {notification}.subject_id}}) "
        f"MATCH ({post}:Post {{id: coalesce({said}.post_id, {notification}.subject_id)}}) "
        f"WHERE {visible_post(post)} AND ({said} IS NULL OR {standing(said)}) }}) "
        f"AND EXISTS {{ {match_causers(notification)} }})))"
    )


def match_causers(notification: LiteralString) -> LiteralString:
    """Give the clauses that bind each welcome person who caused a notification of the viewer.

    They are bound as `<notification>_by`, and why as `<notification>_cause`.
    """
    cause: LiteralString = f"{notification}_cause"
    by: LiteralString = f"{notification}_by"
    return (
        f"MATCH ({cause}:Cause) WHERE {cause}.notification_id = {notification}.id "
        f"AND {cause}.k > '' "
        f"MATCH ({by}:User {{id: {cause}.actor_id}}) WHERE {welcome_user(by)}"
    )


def visible_report(report: LiteralString) -> LiteralString:
    """Give the condition under which the viewer may see a report: they made it, or decide on it."""
    return f"({report}.reporter_id = viewer.id OR {reviewed_report(report)})"


def reviewed_report(report: LiteralString) -> LiteralString:
    """Give the condition under which the viewer decides on a report, and sees who made it.

    Moderators do, but never of what is about themselves: who reports them stays unknown to them,
    and others decide.
    """
    return f"(viewer.role IN ['MODERATOR', 'ADMIN'] AND {report}.reported_id <> viewer.id)"


def visible_media(media: LiteralString) -> LiteralString:
    """Give the condition under which the viewer may see an image: as whatever shows it.

    While nothing shows it, who uploaded it sees it.
    """
    return (
        f"({media}.stored_at IS NOT NULL AND {media}.doomed_at IS NULL "
        f"AND (({media}.author_id = viewer.id AND {media}.loose_at IS NOT NULL) "
        f"OR EXISTS {{ MATCH ({media})<-[:HAS_AVATAR]-({media}_of:User) "
        f"WHERE {visible_profile(media + '_of')} }} "
        f"OR EXISTS {{ MATCH ({media})<-[:HAS_MEDIA]-({media}_post:Post) "
        f"WHERE {visible_post(media + '_post')} }}))"
    )


def parted_among(person: LiteralString) -> LiteralString:
    """Give the list of ids of those of `$viewers` from whom a block, by either, parts a person.

    Whoever has the fewer is asked: the person's blocks, or those viewers.
    """
    other: LiteralString = f"{person}_other"
    return (
        f"CASE WHEN COUNT {{ ({person})-[:BLOCKS]-() }} <= size($viewers) "
        f"THEN COLLECT {{ MATCH ({person})-[:BLOCKS]-({other}) "
        f"WHERE {other}.id IN $viewers RETURN {other}.id }} "
        f"ELSE COLLECT {{ UNWIND $viewers AS {other}_id WITH * "
        f"WHERE {edges.blocks(f'{person}.id', f'{other}_id')} "
        f"OR {edges.blocks(f'{other}_id', f'{person}.id')} RETURN {other}_id }} END"
    )


def muters_among(person: LiteralString) -> LiteralString:
    """Give the list of ids of those of `$viewers` who mute a person."""
    muter: LiteralString = f"{person}_muter"
    return (
        f"COLLECT {{ UNWIND $viewers AS {muter} WITH * "
        f"WHERE {edges.mutes(muter, f'{person}.id')} RETURN {muter} }}"
    )


def followers_among(person: LiteralString) -> LiteralString:
    """Give the list of those of `$viewers` who follow a person: maps of their `id` and `at`."""
    follower: LiteralString = f"{person}_follower"
    return (
        f"COLLECT {{ UNWIND $viewers AS {follower} "
        f"MATCH ()-[{follower}_r:FOLLOWS]->() "
        f"USING INDEX SEEK {follower}_r:FOLLOWS(follower_id, followee_id) "
        f"WHERE {follower}_r.follower_id = {follower} "
        f"AND {follower}_r.followee_id = {person}.id "
        f"RETURN {{id: {follower}, at: {follower}_r.at}} }}"
    )
