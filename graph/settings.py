"""How to reach Neo4j."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
        default=5.0, gt=0, description="Deadline of one statement with its retries, in seconds."
    )
