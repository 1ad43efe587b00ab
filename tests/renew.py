"""Write anew what tests compare with: `python -m tests.renew`, then read the difference."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from graphql import (
    GraphQLSchema,
    Visitor,
    lexicographic_sort_schema,
    parse,
    print_ast,
    print_schema,
    visit,
)
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.schema import build_schema
from tests.checkout import ROOT, SETTINGS

SCHEMA: Final = ROOT / "tests" / "snapshots" / "schema.graphql"
README: Final = ROOT / "README.md"
_TABLE: Final = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)


class _WithoutDescriptions(Visitor):
    def enter(self, node: Any, *_: object) -> Any:
        return replace(node, description=None) if getattr(node, "description", None) else None


def schema_contract() -> str:
    """Print what clients rely on: the schema in a fixed order, and who may use its root fields."""
    schema = build_schema()
    document = parse(print_schema(lexicographic_sort_schema(schema)))
    lines = (f"# {line}\n" for line in sorted(_permissions(schema)))
    return f"{print_ast(visit(document, _WithoutDescriptions()))}\n\n{''.join(lines)}"


def _permissions(schema: GraphQLSchema) -> Iterator[str]:
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in (root.fields if root else {}).items():
            directives = field.ast_node.directives if field.ast_node else ()
            yield f"{root}.{name} {' '.join(map(print_ast, directives))}"


def settings_table() -> str:
    """Make the table of all settings, in the order in which the packages declare them."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for package, settings in SETTINGS.items():
        for name, field in settings.model_fields.items():
            row = (f"`NEXUS_{name}`".upper(), default_of(field), str(field.description))
            rows.setdefault(row, []).append(package)
    first = {name: index for index, (name, _, _) in reversed([*enumerate(rows)])}
    ordered = sorted(rows, key=lambda row: first[row[0]])
    return "".join(_lines([(*row, ", ".join(rows[row])) for row in ordered]))


def _lines(rows: list[tuple[str, ...]]) -> Iterator[str]:
    for row in [("Setting", "Default", "What it is", "Read by"), ("---",) * 4, *rows]:
        yield f"| {' | '.join(row)} |\n"


def default_of(field: FieldInfo) -> str:
    """Give a setting's default as the table shows it; nothing where it has none."""
    value = field.get_default()
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    if isinstance(value, bool):
        value = str(value).lower()
    return "" if value is None or value == "" else f"`{value}`"


def readme_with_settings() -> str:
    """Give the README with its table of settings as it should be."""
    return _TABLE.sub(lambda _: settings_table(), README.read_text())


if __name__ == "__main__":
    SCHEMA.write_text(schema_contract())
    README.write_text(readme_with_settings())
