"""Which subscriptions are told together, without a graph."""

from collections.abc import Hashable
from typing import Any

import pytest
from graphql import OperationDefinitionNode, get_operation_ast, parse, validate

from app.groups import group_of
from app.schema import build_schema

pytestmark = pytest.mark.unit

SCHEMA = build_schema()
COMMENTS = """
subscription ($after: ID, $first: Int) {
  commentAdded(postId: "p_1", after: $after) {
    ... on CommentAdded { comment { post { comments(first: $first) { edges { cursor } } } } }
  }
}
"""


def group(text: str, name: str | None = None, **variables: Any) -> Hashable:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    definition = get_operation_ast(document, name)
    assert isinstance(definition, OperationDefinitionNode)
    return group_of(document, definition, text, variables)


def test_equal_texts_are_told_the_same_whoever_parsed_them() -> None:
    assert group(COMMENTS, first=3) == group(COMMENTS, first=3)
    assert group(COMMENTS, first=3) != group(COMMENTS, first=4)
    assert group(COMMENTS, first=3) != group(f"{COMMENTS} ", first=3)


def test_operations_of_one_text_are_not_the_same() -> None:
    text = """
    subscription A { notificationAdded { __typename } }
    subscription B { notificationAdded { __typename } }
    """
    assert group(text, "A") == group(text, "A")
    assert group(text, "A") != group(text, "B")


def test_where_a_subscription_begins_tells_nobody_apart() -> None:
    assert group(COMMENTS, first=3) == group(COMMENTS, first=3, after="e_1")
    assert group(COMMENTS, after="e_1") == group(COMMENTS, after="e_2")


def test_a_beginning_within_fragments_tells_nobody_apart() -> None:
    text = """
    subscription ($after: ID) { ... { ...Root } }
    fragment Root on Subscription {
      live: commentAdded(postId: "p_1", after: $after) { __typename }
    }
    """
    assert group(text, after="e_1") == group(text, after="e_2")


def test_a_beginning_that_is_used_elsewhere_too_tells_apart() -> None:
    text = """
    subscription ($after: ID!) { commentAdded(postId: $after, after: $after) { __typename } }
    """
    assert group(text, after="e_1") != group(text, after="e_2")


def test_a_page_within_an_event_tells_apart_by_where_it_begins() -> None:
    text = """
    subscription ($after: String) {
      commentAdded(postId: "p_1") {
        ... on CommentAdded { comment { post { comments(after: $after) { edges { cursor } } } } }
      }
    }
    """
    assert group(text, after="1") != group(text, after="2")
