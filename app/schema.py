"""The executable schema: the SDL of `schema/`, bound to the resolvers."""

from pathlib import Path
from typing import Any, Final

from ariadne import load_schema_from_path, make_executable_schema
from graphql import GraphQLSchema

from app.directives import AuthDirective, PublicDirective, check_every_root_field
from app.resolvers import BINDABLES

_DIRECTIVES: Final[dict[str, Any]] = {
    "auth": AuthDirective,
    "public": PublicDirective,
}
SDL_DIRECTORY: Final = Path(__file__).parent.parent / "schema"


def build_schema() -> GraphQLSchema:
    """Build the schema.

    Raises:
        TypeError: A root field does not say who may use it.
        ValueError: A resolver is bound to a field that the SDL does not have.
    """
    schema = make_executable_schema(
        load_schema_from_path(str(SDL_DIRECTORY)),
        *BINDABLES,
        directives=_DIRECTIVES,
        convert_names_case=True,
    )
    check_every_root_field(schema)
    return schema
