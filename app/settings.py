"""Settings of the API."""

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_SECRET: Final = 32
_DEVELOPMENT_SECRET: Final = "nexus-development-only-secret-do-not-deploy"  # noqa: S105


class AppSettings(BaseSettings):
    """Settings of the API, read from the environment (prefix `NEXUS_`)."""

    model_config = SettingsConfigDict(
        env_prefix="NEXUS_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    env: Literal["development", "production"] = Field(
        default="production",
        description="`development` allows a secret of Nexus' own; anything else needs yours.",
    )
    jwt_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs tokens: 32 random bytes or more, the same everywhere.",
    )
    access_token_s: int = Field(
        default=900, ge=1, description="Lifetime of an access token, in seconds."
    )
    refresh_token_s: int = Field(
        default=30 * 86_400, ge=1, description="Lifetime of a session without use, in seconds."
    )
    redis_url: str = Field(default="redis://localhost:6379/0", description="Address of Redis.")
    allowed_origins: list[str] = Field(
        default=[],
        description="Web origins that may call the API beside its own, as a JSON list; "
        '`["*"]` for all.',
    )
    introspection: bool = Field(default=True, description="Whether clients may read the schema.")
    explorers: bool = Field(
        default=True, description="Whether `/playground` and `/graphiql` are served."
    )
    assets_dir: Path | None = Field(
        default=None,
        description="Where the explorers' files are; the explorers are off without it.",
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1_024, description="Largest request body that is read, in bytes."
    )
    max_upload_bytes: int = Field(
        default=8_388_608,
        ge=1_024,
        description="Most that the files of one request may hold together, in bytes.",
    )
    max_frame_bytes: int = Field(
        default=65_536,
        ge=1_024,
        description="Largest message that a client may send over a WebSocket, in bytes.",
    )
    socket_operations: int = Field(
        default=100, ge=1, description="Operations that run on one WebSocket at a time."
    )
    sockets_per_user: int = Field(
        default=100,
        ge=1,
        description="WebSockets and event streams that one user has open at one API process.",
    )
    socket_init_s: float = Field(
        default=5.0,
        gt=0,
        description="How long a WebSocket may stay without `connection_init`, in seconds.",
    )
    socket_keep_alive_s: float = Field(
        default=6.5,
        gt=0,
        lt=20,
        description="Time between two signs of life on a WebSocket or event stream, in seconds.",
    )
    socket_send_timeout_s: float = Field(
        default=7.0,
        gt=0,
        description="How long a client may read nothing of what waits for it, in seconds.",
    )
    session_check_s: float = Field(
        default=2.0,
        gt=0,
        le=4,
        description="How often sockets' sessions are looked at for their end, in seconds.",
    )
    stream_buffer_size: int = Field(
        default=400,
        ge=1,
        description="Events that wait for a slow subscriber, who reads more of them from Neo4j.",
    )
    image_workers: int = Field(
        default=2, ge=1, description="Images that are made at once in one process."
    )
    media_base_url: str = Field(
        default="/media",
        pattern="[^/]$",
        description="What addresses of media begin with: that of a cache in front of `/media`, "
        "for instance.",
    )
    webhook_allow_http: bool = Field(
        default=False, description="Whether webhooks may be sent without TLS: for trying out."
    )
    webhook_key: SecretStr = Field(
        default=SecretStr(""),
        description="Seals webhooks' secrets in Neo4j: 32 random bytes or more, the same "
        "everywhere; without it none can be registered. Several, separated by spaces, while it is "
        "replaced: the first seals, each opens.",
    )
    password_workers: int = Field(
        default=2,
        ge=1,
        description="Passwords that are hashed at once in one process (64 MiB each).",
    )
    warm_up_s: float = Field(
        default=30.0,
        ge=0,
        description="How long the API may take, before it is ready, to have Neo4j plan what people "
        "ask for first, in seconds; 0: it plans nothing ahead.",
    )
    log_in_attempts: int = Field(
        default=10, ge=1, description="How often a username may be tried without success."
    )
    log_in_window_s: int = Field(
        default=300, ge=1, description="For how long such attempts are counted, in seconds."
    )

    @field_validator("webhook_key")
    @classmethod
    def _check_webhook_key(cls, keys: SecretStr) -> SecretStr:
        if any(len(key.encode()) < SHORTEST_SECRET for key in keys.get_secret_value().split()):
            raise ValueError(
                f"NEXUS_WEBHOOK_KEY needs {SHORTEST_SECRET} bytes for each key; set it to the "
                "output of `openssl rand -base64 48`."
            )
        return keys

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        size = len(self.signing_key.encode())
        if size < SHORTEST_SECRET:
            raise ValueError(
                f"NEXUS_JWT_SECRET has {size} bytes and needs {SHORTEST_SECRET}; "
                "set it to the output of `openssl rand -base64 48`."
            )
        return self

    @property
    def webhook_keys(self) -> list[str]:
        """What seals webhooks' secrets, and what may open them; empty without any."""
        return self.webhook_key.get_secret_value().split()

    @property
    def signing_key(self) -> str:
        """The secret that signs tokens; one that everybody knows in development without one."""
        secret = self.jwt_secret.get_secret_value()
        return secret or (_DEVELOPMENT_SECRET if self.env == "development" else "")
