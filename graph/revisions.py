"""Revisions: the texts that a post or comment had before its author changed it."""

from typing import Any, LiteralString

from graph import ids
from graph.ids import Prefix


def revision_parameters(at: int) -> dict[str, Any]:
    """Give the `$revision` that replaces a text at an instant, in ms."""
    revision_id = ids.new_id(Prefix.REVISION)
    return {"id": revision_id, "k": ids.key(at, revision_id), "replaced_at": at}


def keep_revision(subject: LiteralString) -> LiteralString:
    """Give the clause that keeps the text of a post or comment, before it is set anew."""
    return f"""\
CREATE ({subject})-[:HAS_REVISION]->(revision:Revision)
SET revision = $revision, revision.subject_id = {subject}.id, revision.text = {subject}.text,
    revision.created_at = coalesce({subject}.edited_at, {subject}.created_at)
"""
