"""How to reach Neo4j, and how a package reads its settings."""

import re
from typing import Final, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.engagement import Weights

S = TypeVar("S", bound=BaseSettings)
_URI: Final = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://.+")


class GraphSettings(BaseSettings):
    """Settings of the graph package, read from the environment (prefix `NEXUS_`)."""

    model_config = SettingsConfigDict(
        env_prefix="NEXUS_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    neo4j_uri: str = Field(
        default="bolt://localhost:7687",
        description="Address of Neo4j: `bolt://` for one server, `neo4j://` for a cluster.",
    )
    neo4j_user: str = Field(default="neo4j", description="Neo4j user name.")
    neo4j_password: SecretStr = Field(default=SecretStr(""), description="Neo4j password.")
    neo4j_database: str = Field(default="neo4j", description="Name of the database in Neo4j.")
    neo4j_pool_size: int = Field(
        default=100, ge=1, description="Most connections to Neo4j that one process holds."
    )
    neo4j_timeout_s: float = Field(
        default=5.0,
        gt=0,
        description="How long one request may wait for Neo4j, retries included, in seconds.",
    )

    like_weight: int = Field(
        default=1, ge=0, description="What a like adds to a post's engagement."
    )
    comment_weight: int = Field(default=2, ge=0, description="What a comment adds to it.")
    share_weight: int = Field(
        default=3, ge=0, description="What a share adds to it; the same everywhere."
    )

    @field_validator("neo4j_uri")
    @classmethod
    def _check_uri(cls, uri: str) -> str:
        if not _URI.fullmatch(uri):
            raise ValueError("begin the address with bolt:// or neo4j:// (+s or +ssc for TLS)")
        return uri

    @property
    def weights(self) -> Weights:
        """What a like, a comment and a share add to a post's engagement."""
        return Weights(self.like_weight, self.comment_weight, self.share_weight)


def load(settings: type[S]) -> S:
    """Read settings from the environment.

    Raises:
        SystemExit: One does not hold; says which, and what is wrong with it, and no secret.
    """
    try:
        return settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        names = [f"NEXUS_{part}".upper() for part in first["loc"][:1]]
        sentence = ": ".join([*names, first["msg"].removeprefix("Value error, ")])
        raise SystemExit(f"{sentence.removesuffix('.')}.") from None
