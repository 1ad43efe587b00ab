"""What Cypher names is declared, and what is declared is used: labels, types, properties, indexes.

The texts are read from the source: each literal and f-string is one text, an f-string with the
names of its expressions in their places. So what counts is a variable that a text binds itself,
`(post:Post …)` or `[liked:LIKED]`; of others it cannot be known here what they are.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from neomodel import AsyncStructuredNode, AsyncStructuredRel

from graph import ddl, relationships
from graph.comments import NewComment
from graph.events import EventKind, new_event
from graph.idempotency import Idempotency
from graph.media import NewMedia
from graph.nodes import NODES
from graph.posts import NewPost
from graph.profiles import check_profile
from graph.reports import NewReport, ReportReason
from graph.sessions import NewSession
from graph.users import NewUser
from graph.viewer import Viewer
from tests.checkout import ROOT, modules
from tests.graph.people import IMAGE

pytestmark = pytest.mark.unit

CLAUSE = re.compile(r"\b(?:MATCH|MERGE|CREATE|WHERE|RETURN|SET|COUNT|EXISTS|WITH)\b[ \n({]")
NODE = re.compile(r"\(\s*(\w*)\s*:([A-Z][\w|]*)\s*(?:\{([^{}]*)\})?")
EDGE = re.compile(r"\[\s*(\w*)\s*:([A-Z][A-Z_|]*)\s*(?:\{([^{}]*)\})?")
LABEL_TEST = re.compile(r"\bNOT (\w+):([A-Z]\w*)")
KEY = re.compile(r"(\w+)\s*:")
PROPERTY = re.compile(r"(?<![\w$.])(\w+)\.([a-z_]+)\b(?!\()")
MAP_PROJECTION = re.compile(r"(?<![\w$.])(\w+) \{((?:\s*\.[a-z_]+,?)+)")
UNIQUE = re.compile(r"FOR \(n:(\w+)\) REQUIRE n\.(\w+) IS UNIQUE")
VIEWER = Viewer("u_1", "s_1")


def texts() -> Iterator[tuple[str, str]]:
    """Yield every Cypher text of graph/, with where it stands."""
    for module in modules("graph"):
        for node in literals(ast.parse(module.read_text())):
            text = rendered(node)
            if CLAUSE.search(text):
                yield f"{module.relative_to(ROOT)}:{node.lineno}", text


def literals(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Yield string literals and whole f-strings; no docstrings, no error texts."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        ):
            yield node
        elif not isinstance(node, ast.Expr | ast.Raise):
            yield from literals(node)


def rendered(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value)
        if isinstance(part, ast.Constant)
        else re.sub(r"\W", "_", ast.unparse(part.value))
        for part in node.values
        if isinstance(part, ast.Constant | ast.FormattedValue)
    )


def declared_labels() -> dict[str, set[str]]:
    return {node.__label__: properties_of(node) for node in NODES}


def properties_of(model: type[AsyncStructuredNode | AsyncStructuredRel]) -> set[str]:
    declared = model.defined_properties(rels=False, aliases=False)
    return {each.get_db_property_name(name) for name, each in declared.items()}


def declared_types() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in NODES:
        for each in node.defined_properties(properties=False, aliases=False).values():
            model = each.definition["model"]
            properties = properties_of(model) if model else set()
            found.setdefault(each.definition["relation_type"], set()).update(properties)
    return found


def uses(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, list[str], str]]:
    """Yield variable, labels or types, and map of what a pattern finds."""
    for variable, names, keys in pattern.findall(text):
        yield variable, names.split("|"), keys


def named(pattern: re.Pattern[str]) -> set[str]:
    return {name for _, text in texts() for _, names, _ in uses(text, pattern) for name in names}


def read_properties(text: str, variable: str) -> set[str]:
    """Give the properties that a text names of a variable: `v.name`, and `v {.name, …}`."""
    found = {name for owner, name in PROPERTY.findall(text) if owner == variable}
    for owner, names in MAP_PROJECTION.findall(text):
        if owner == variable:
            found |= set(re.findall(r"\.([a-z_]+)", names))
    return found


def undeclared(text: str, pattern: re.Pattern[str], declared: dict[str, set[str]]) -> Iterator[str]:
    """Yield `Label.property` for what is not declared; a variable may be bound in many places."""
    bound: dict[str, set[str]] = {}
    for variable, names, keys in uses(text, pattern):
        bound.setdefault(variable, set()).update(names)
        yield from unknown(names, set(KEY.findall(keys)), declared)
    for variable in bound.keys() - {""}:
        yield from unknown(bound[variable], read_properties(text, variable), declared)


def unknown(
    names: Iterable[str], properties: set[str], declared: dict[str, set[str]]
) -> Iterator[str]:
    known = set[str]().union(*(declared.get(name, set()) for name in names))
    yield from (f"{'|'.join(sorted(names))}.{name}" for name in sorted(properties - known))


def test_labels() -> None:
    tested = {label for _, text in texts() for _, label in LABEL_TEST.findall(text)}
    assert named(NODE) | tested == set(declared_labels())


def test_relationship_types() -> None:
    assert named(EDGE) == set(declared_types())


@pytest.mark.parametrize(("where", "text"), [pytest.param(*each, id=each[0]) for each in texts()])
def test_properties(where: str, text: str) -> None:
    assert [*undeclared(text, NODE, declared_labels())] == [], where
    assert [*undeclared(text, EDGE, declared_types())] == [], where


def test_the_reading_of_texts_finds_what_is_wrong() -> None:
    text = "MATCH (post:Post {colour: 1})<-[r:LIKED]-() RETURN post {.id, .size}, post.k, r.mood"
    assert [*undeclared(text, NODE, declared_labels())] == ["Post.colour", "Post.size"]
    assert [*undeclared(text, EDGE, declared_types())] == ["LIKED.mood"]


@pytest.mark.parametrize(
    ("label", "properties"),
    [
        ("User", NewUser.of("alice", "a@example.org", None, "hash").properties()),
        ("User", check_profile({"display_name": "Alice", "bio": None})),
        ("Session", NewSession.of("u_1", 1).properties()),
        ("Post", NewPost.of(VIEWER, "hello").properties()),
        ("Comment", NewComment.of(VIEWER, "p_1", None, "hello").properties()),
        ("Report", NewReport.of(VIEWER, "p_1", ReportReason.SPAM).properties()),
        ("Media", NewMedia.of(VIEWER, None, **IMAGE).properties()),
        ("Event", new_event(EventKind.POST_LIKED, 1, "u_1", "p_1").properties()),
        ("IdempotencyKey", Idempotency.of("u_1", "createPost", "1", {}).properties("p_1", 1)),
    ],
)
def test_properties_that_are_set_as_a_map(label: str, properties: dict[str, object]) -> None:
    assert set(properties) <= declared_labels()[label]


def test_every_relationship_model_belongs_to_a_type() -> None:
    models = {
        each
        for each in vars(relationships).values()
        if isinstance(each, type) and each.__module__ == relationships.__name__
    }
    used = {
        each.definition["model"]
        for node in NODES
        for each in node.defined_properties(properties=False, aliases=False).values()
    }
    assert models == used - {None}


def test_unique_properties_are_those_with_a_constraint() -> None:
    made = {match for text in ddl.CONSTRAINTS for match in UNIQUE.findall(text)}
    assert made == ddl.declared_unique_properties()


def test_a_constraint_or_index_has_a_name_of_its_own() -> None:
    texts = (*ddl.CONSTRAINTS, *ddl.INDEXES, *ddl.FULL_TEXT_INDEXES)
    names = [text.partition(" IF ")[0].split()[-1] for text in texts]
    assert len(names) == len(set(names))


def test_only_graph_holds_cypher() -> None:
    others = [path for name in ("adapters", "app", "workers") for path in modules(name)]
    assert [path for path in others if mentions_cypher(path)] == []


def mentions_cypher(module: Path) -> bool:
    pattern = re.compile(r"\b(?:MATCH|MERGE|CREATE) \(")
    return any(pattern.search(rendered(node)) for node in literals(ast.parse(module.read_text())))
