"""From a document to the graph's terms, without a graph: a resolver that only looks."""

from typing import Any

import pytest
from graphql import GraphQLError, execute_sync, parse, validate

from app.schema import build_schema
from app.selection import DEEPEST, MOST_FIELDS, select, select_child
from graph.errors import InvalidInput
from graph.selection import Selection

pytestmark = pytest.mark.unit

SCHEMA = build_schema()


class Look:
    """Stands where `Query.<field>` is resolved and keeps what was selected there."""

    def __init__(self, field: str, document: str, **variables: Any) -> None:
        assert SCHEMA.query_type
        self.selection = Selection()
        self.error: BaseException | None = None
        definition = SCHEMA.query_type.fields[field]
        parsed = parse(document)
        assert validate(SCHEMA, parsed) == []
        resolve, definition.resolve = definition.resolve, self._resolve
        try:
            result = execute_sync(SCHEMA, parsed, variable_values=variables)
        finally:
            definition.resolve = resolve
        if result.errors:
            self.error = result.errors[0].original_error

    def _resolve(self, _: Any, info: Any, **__: Any) -> None:
        self.selection = select(info)


def selected(field: str, document: str, **variables: Any) -> Selection:
    look = Look(field, document, **variables)
    assert look.error is None or isinstance(look.error, GraphQLError | TypeError)
    return look.selection


def names(selection: Selection) -> list[str]:
    return [each.name for each in selection.fields]


def test_names_are_those_of_the_graph() -> None:
    assert names(selected("me", "{ me { id displayName } }")) == ["id", "display_name"]


def test_typename_selects_nothing() -> None:
    assert selected("me", "{ me { __typename } }") == Selection()


def test_fragments_select_what_they_name() -> None:
    found = selected(
        "post",
        """
        { post(id: "x") {
          ...A ... on Subject { stats { likes } } ... { text } ... on Node { id }
        } }
        fragment A on Post { author { ...B } }
        fragment B on User { username ... on Node { id } }
        """,
    )
    assert names(found) == ["author", "stats", "text", "id"]
    assert names(found.child("author", "User")) == ["username", "id"]


def test_a_fragment_counts_once_in_a_set() -> None:
    found = selected("me", "{ me { ...F ...F } } fragment F on User { id }")
    assert names(found) == ["id"]


def test_fragments_that_double_each_other_are_walked_once() -> None:
    doubling = " ".join(f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    document = "{ me { ...F0 } } " + doubling + " fragment F60 on User { __typename id }"
    assert names(selected("me", document)) == ["id"]


@pytest.mark.parametrize(("skip", "include", "there"), [
    (False, True, True),
    (True, True, False),
    (False, False, False),
    (True, False, False),
])  # fmt: skip
def test_skip_and_include_by_variable(*, skip: bool, include: bool, there: bool) -> None:
    document = """
    query ($skip: Boolean!, $include: Boolean = false) {
      me { id
        username @skip(if: $skip) @include(if: $include)
        ... @skip(if: $skip) @include(if: $include) { bio }
        ...F @skip(if: $skip) @include(if: $include)
      }
    }
    fragment F on User { displayName }
    """
    found = names(selected("me", document, skip=skip, include=include))
    assert found == (["id", "username", "bio", "display_name"] if there else ["id"])


def test_a_field_with_arguments_is_kept_apart_by_its_alias() -> None:
    found = selected(
        "post",
        '{ post(id: "x") { a: comments(sort: NEW) { edges { cursor } } comments { __typename } } }',
    )
    uses = dict(found.slotted("comments"))
    assert [(use.key, use.arguments["sort"]) for use in uses.values()] == [
        ("a", "NEW"),
        ("comments", "BEST"),
    ]
    assert list(uses) == ["_0", "_1"]


def test_aliases_of_a_field_without_arguments_are_one() -> None:
    found = selected(
        "post", '{ post(id: "x") { a: author { id } author { username } b: author { bio } } }'
    )
    assert names(found.child("author", "User")) == ["id", "username", "bio"]


def test_arguments_have_defaults_and_null_for_what_is_left_out() -> None:
    document = """
    query ($first: Int = 7, $kinds: [InteractionKind!]) {
      post(id: "x") {
        interactions(first: $first, kinds: $kinds) { __typename }
        thread { __typename }
      }
    }
    """
    (_, interactions), (_, thread) = (
        use
        for name in ("interactions", "thread")
        for use in selected("post", document).slotted(name)
    )
    assert interactions.arguments == {"kinds": None, "first": 7, "after": None}
    assert thread.arguments == {
        "sort": "BEST",
        "max_depth": 50,
        "limit": 200,
        "root": None,
        "after": None,
    }


def test_an_interface_is_selected_for_each_type_that_it_may_be() -> None:
    document = """
    { post(id: "x") { interactions { edges { node { subject {
      id ... on Post { visibility } ... on Comment { depth }
    } } } } } }
    """
    found = selected("post", document)
    (_, use) = next(found.slotted("interactions"))
    edge = use.children["InteractionConnection"].child("edges", "InteractionEdge")
    subject = edge.child("node", "Interaction")
    assert names(subject.child("subject", "Post")) == ["id", "visibility"]
    assert names(subject.child("subject", "Comment")) == ["id", "depth"]


def test_two_uses_of_one_field_in_the_document_are_merged() -> None:
    found = selected("me", "{ me { id } me { stats { posts } } me { stats { comments } } }")
    assert names(found) == ["id", "stats"]
    assert names(found.child("stats", "UserStats")) == ["posts", "comments"]


def test_a_selection_has_only_so_many_levels() -> None:
    levels = "{ parent " * (DEEPEST + 1)
    look = Look("comment", '{ comment(id: "x") ' + levels + "{ id }" + " }" * (DEEPEST + 2))
    assert isinstance(look.error, InvalidInput)
    assert f"{DEEPEST} levels" in look.error.message


def test_a_selection_has_only_so_many_fields() -> None:
    doubling = " ".join(
        f"fragment F{n} on Comment {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}"
        for n in range(20)
    )
    document = '{ comment(id: "x") { ...F0 } } ' + doubling + " fragment F20 on Comment { id }"
    look = Look("comment", document)
    assert isinstance(look.error, InvalidInput)
    assert f"{MOST_FIELDS} fields" in look.error.message


def test_one_name_for_two_things_on_one_object_asks_for_an_alias() -> None:
    document = """
    { post(id: "x") {
      author { posts(first: 1) { __typename } }
      b: author { posts(first: 2) { __typename } }
    } }
    """
    look = Look("post", document)
    with pytest.raises(InvalidInput, match="alias"):
        look.selection.child("author", "User")


def test_a_childs_selection_is_that_of_its_type() -> None:
    def resolve(_: Any, info: Any, **__: Any) -> None:
        seen.append(select_child(info, "user", "User"))

    seen: list[Selection] = []
    assert SCHEMA.mutation_type
    field = SCHEMA.mutation_type.fields["follow"]
    before, field.resolve = field.resolve, resolve
    try:
        execute_sync(
            SCHEMA, parse('mutation { follow(userId: "x") { user { id } userErrors { code } } }')
        )
    finally:
        field.resolve = before
    assert [names(selection) for selection in seen] == [["id"]]
