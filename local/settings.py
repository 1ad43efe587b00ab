"""Every setting of `python -m local`, from `NEXUS_*` in the environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_CHECKOUT = Path(__file__).resolve().parent.parent


class LocalSettings(BaseSettings):
    """What runs on this machine, where, and on which ports."""

    model_config = SettingsConfigDict(env_prefix="NEXUS_", env_ignore_empty=True)

    env: Literal["development", "production"] = Field(
        default="development",
        description="`production` insists on secrets of your own.",
    )
    data_dir: Path = Field(
        default=_CHECKOUT / ".nexus",
        description="Where Neo4j, Redis, logs and generated secrets live.",
    )
    cache_dir: Path = Field(
        default=_CHECKOUT / ".cache", description="Downloads that data directories share."
    )
    http_port: int = Field(default=8000, ge=1, le=65535, description="Port of the API.")
    neo4j_uri: str | None = Field(
        default=None, description="Bolt address of a Neo4j; unset starts one in the data directory."
    )
    neo4j_user: str = Field(default="neo4j", description="Name that Neo4j is used under.")
    neo4j_password: str | None = Field(
        default=None, description="Password for Neo4j; unset generates one for the local server."
    )
    neo4j_bolt_port: int = Field(
        default=7687, ge=1, le=65535, description="Bolt port of the local Neo4j."
    )
    neo4j_http_port: int = Field(
        default=7474, ge=1, le=65535, description="Port of the local Neo4j Browser."
    )
    neo4j_heap_mb: int = Field(
        default=1024, ge=256, description="Java heap of the local Neo4j, in megabytes."
    )
    redis_url: str | None = Field(
        default=None, description="Address of a Redis; unset starts one in the data directory."
    )
    redis_port: int = Field(default=6379, ge=1, le=65535, description="Port of the local Redis.")
    broker_url: str | None = Field(
        default=None, description="Celery's broker, Redis or RabbitMQ; unset uses the Redis."
    )
    jwt_secret: str | None = Field(
        default=None, description="Key that signs tokens; unset generates one for development."
    )
    webhook_key: str | None = Field(
        default=None, description="Seals webhooks' secrets in Neo4j; unset generates one."
    )
    import_password: str | None = Field(
        default=None, description="What the people of `make import` log in with; unset: nothing."
    )
    demo: bool = Field(
        default=True, description="Fill an empty database with demo data on first start."
    )
