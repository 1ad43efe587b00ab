"""The schema as clients meet it: described, guarded, and changed only on purpose."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLError, GraphQLSchema, is_specified_scalar_type

from app import schema as app_schema
from tests.renew import SCHEMA, schema_contract

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return app_schema.build_schema()


@pytest.fixture
def sdl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the SDL that the schema is then built from."""
    shutil.copytree(app_schema.SDL_DIRECTORY, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(app_schema, "SDL_DIRECTORY", tmp_path)
    return tmp_path


def elements(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Yield everything that can be described, with its description."""
    for name, each in schema.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(each):
            continue
        yield name, each.description
        for value, enum_value in getattr(each, "values", {}).items():
            yield f"{name}.{value}", enum_value.description
        for field, its in getattr(each, "fields", {}).items():
            yield f"{name}.{field}", its.description
            for argument, value in getattr(its, "args", {}).items():
                yield f"{name}.{field}({argument})", value.description
    for directive in schema.directives:
        yield f"@{directive.name}", directive.description
        for argument, value in directive.args.items():
            yield f"@{directive.name}({argument})", value.description


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_everything_is_described(schema: GraphQLSchema) -> None:
    assert [name for name, description in elements(schema) if not description] == []


def test_the_contract_changes_only_on_purpose() -> None:
    """Clients break when a name goes: say so in CHANGELOG.md, then `python -m tests.renew`."""
    assert schema_contract() == SCHEMA.read_text()


@pytest.mark.parametrize("said", ["", "@deprecated", "@auth @public"])
def test_a_root_field_says_who_may_use_it(sdl: Path, said: str) -> None:
    edit(sdl / "analytics.graphql", "streamCursor: ID! @auth", f"streamCursor: ID! {said}")
    with pytest.raises(TypeError, match=r"Query\.streamCursor needs @auth or @public"):
        app_schema.build_schema()


def test_a_role_has_to_exist(sdl: Path) -> None:
    edit(
        sdl / "analytics.graphql", "streamCursor: ID! @auth", "streamCursor: ID! @auth(role: KING)"
    )
    with pytest.raises(GraphQLError, match="KING"):
        app_schema.build_schema()


def test_a_resolver_has_to_have_its_field(sdl: Path) -> None:
    edit(sdl / "analytics.graphql", "streamCursor: ID! @auth", "newestPosition: ID! @auth")
    with pytest.raises(ValueError, match="streamCursor"):
        app_schema.build_schema()
