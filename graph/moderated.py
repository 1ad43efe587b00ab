"""People, content and reports as moderators see them: suspended and removed ones, too.

What its author deleted stays deleted: of it are shown neither text nor images nor who wrote it.
"""

from collections.abc import Mapping
from typing import LiteralString

from graph.ids import Prefix
from graph.image_projections import add_media
from graph.projection import Pending, Projection, Row, add_one
from graph.reads import find_one
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import reviewed_report

Ways = Mapping[LiteralString, tuple[LiteralString, Projection]]
"""Clauses that bind something of one type, and what is read of it, by a name for parameters."""


def account(node: LiteralString, path: LiteralString) -> Projection:
    """Project an `Account`."""
    into = Projection(node, path)
    into.add(".id", ".username", ".display_name", ".bio", ".role", ".created_at", ".suspended_at")
    into.add(
        f"status: CASE WHEN {node}.suspended_at IS NULL THEN 'ACTIVE' ELSE 'SUSPENDED' END",
        f"open_reports: {_open_reports(node, node + '.id')}",
    )
    return into


def _open_reports(node: LiteralString, owner_id: LiteralString) -> LiteralString:
    """Count the open reports about something; none for whom they are about."""
    return f"CASE WHEN {owner_id} = viewer.id THEN 0 ELSE COUNT {{ ({node})<-[:ABOUT]-() }} END"


def add_account(into: Projection, name: LiteralString, match: LiteralString) -> None:
    """Add the `Account` that clauses find as `<node>_<name>`; null where they find none."""
    add_one(into, name, match, account(f"{into.node}_{name}", f"{into.path}.{name}"))


def content(selection: Selection, node: LiteralString, path: LiteralString) -> Projection:
    """Project the `ModeratedContent` of a post or comment."""
    into = Projection(node, path, conceal=_conceal_deleted)
    into.add(".text", ".created_at", ".edited_at", f"subject_id: {node}.id")
    into.add(
        f"removed: {node}.removed_at IS NOT NULL",
        f"deleted: {node}.deleted_at IS NOT NULL",
        f"open_reports: {_open_reports(node, node + '.author_id')}",
    )
    if "author" in selection:
        add_account(into, "author", f"MATCH ({node}_author:User {{id: {node}.author_id}})")
    add_media(into, selection)
    return into


def _conceal_deleted(row: Row) -> None:
    if row["deleted"]:
        row |= {"text": None, "edited_at": None, "author": None, "media": []}


def report(selection: Selection, node: LiteralString, path: LiteralString) -> Projection:
    """Project a `Report` that the viewer may see, and what only who decides on it sees."""
    is_reviewed = reviewed_report(node)
    into = Projection(node, path)
    into.add(".id", ".subject_id", ".reason", ".details", ".status", ".created_at", ".resolved_at")
    into.add(f"note: CASE WHEN {is_reviewed} THEN {node}.note END")
    if "text" in selection:
        into.add(f"text: CASE WHEN {is_reviewed} THEN {_text_then(node)} END")
    if "reporter" in selection:
        reporter: LiteralString = f"MATCH ({node}_reporter:User {{id: {node}.reporter_id}})"
        add_account(into, "reporter", f"{reporter} WHERE {is_reviewed}")
    if "resolved_by" in selection:
        resolver: LiteralString = f"MATCH ({node}_resolved_by:User {{id: {node}.resolver_id}})"
        add_account(into, "resolved_by", f"{resolver} WHERE {is_reviewed}")
    if "subject" in selection:
        add_either(into, "subject", _reported(into, selection, is_reviewed))
    return into


def _text_then(report: LiteralString) -> LiteralString:
    """Give what a subject said when it was reported: until its first change after that."""
    said: LiteralString = f"{report}_said"
    return (
        f"head(COLLECT {{ MATCH ({report})-[:ABOUT|ONCE_ABOUT]->({said}:Post|Comment) "
        f"WHERE {said}.deleted_at IS NULL "
        f"RETURN coalesce(head(COLLECT {{ MATCH (then:Revision) "
        f"WHERE then.subject_id = {said}.id AND then.k > {report}.k "
        f"RETURN then.text ORDER BY then.subject_id, then.k LIMIT 1 }}), {said}.text) }})"
    )


def _reported(into: Projection, selection: Selection, condition: LiteralString) -> Ways:
    person = account(f"{into.node}_person", f"{into.path}.subject.person")
    said = content(
        selection.child("subject", "ModeratedContent"),
        f"{into.node}_content",
        f"{into.path}.subject.content",
    )
    about: LiteralString = f"MATCH ({into.node})-[:ABOUT|ONCE_ABOUT]->"
    return {
        "person": (f"{about}({person.node}:User) WHERE {condition}", person),
        "content": (f"{about}({said.node}:Post|Comment) WHERE {condition}", said),
    }


def subjects(into: Projection, selection: Selection) -> Ways:
    """Give the ways to what has the id `<node>.subject_id`: a person, a post, a comment, a report.

    Of the reports only such as the viewer decides on.
    """
    node: LiteralString = into.node
    path: LiteralString = f"{into.path}.subject"
    said = selection.child("subject", "ModeratedContent")
    told = selection.child("subject", "Report")
    found: LiteralString = f"{{id: {node}.subject_id}}"
    reviewed = reviewed_report(f"{node}_report")
    return {
        "person": (f"MATCH ({node}_person:User {found})", account(f"{node}_person", path)),
        "post": (
            f"MATCH ({node}_post:Post {found})",
            content(said, f"{node}_post", f"{path}.post"),
        ),
        "comment": (
            f"MATCH ({node}_comment:Comment {found})",
            content(said, f"{node}_comment", f"{path}.comment"),
        ),
        "report": (
            f"MATCH ({node}_report:Report {found}) WHERE {reviewed}",
            report(told, f"{node}_report", f"{path}.report"),
        ),
    }


def add_either(into: Projection, name: LiteralString, ways: Ways) -> None:
    """Add what the first of several ways finds; null when none does."""
    parts: list[LiteralString] = [
        f"{key}: head(COLLECT {{ {match} RETURN {child.text} AS row }})"
        for key, (match, child) in ways.items()
    ]

    def finish(value: Row, pending: list[Pending]) -> Row | None:
        for key, (_, child) in ways.items():
            if value[key] is not None:
                return child.finish(value[key], pending)
        return None

    into.add_child(
        name,
        "{" + ", ".join(parts) + "}",
        key=name,
        parameters={key: child.parameters for key, (_, child) in ways.items()},
        finish=finish,
    )


def find_content(viewer: Viewer, subject_id: str, selection: Selection) -> Statement[Row | None]:
    """Read how a post or comment stands with moderation.

    Cost: one index seek, and what the selection asks for.
    """
    is_comment = subject_id.startswith(Prefix.COMMENT)
    match: LiteralString = (
        "MATCH (subject:Comment {id: $id})" if is_comment else "MATCH (subject:Post {id: $id})"
    )
    return find_one(viewer, match, content(selection, "subject", "$s"), {"id": subject_id})
