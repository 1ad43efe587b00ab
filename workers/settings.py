"""How the relay and the workers are run."""

from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.connection import parse_url

_BROKERS: Final = ("redis", "rediss", "amqp", "amqps")


class WorkerSettings(BaseSettings):
    """Settings of the workers package, read from the environment (prefix `NEXUS_`)."""

    model_config = SettingsConfigDict(
        env_prefix="NEXUS_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    redis_url: str = Field(
        default="redis://localhost:6379/0", description="Address of the Redis on which bells ring."
    )
    broker_url: str | None = Field(
        default=None, description="Celery's broker, Redis or RabbitMQ; unset uses the Redis."
    )
    worker_concurrency: int = Field(default=2, ge=1, description="Processes of one Celery worker.")
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port at which a worker, a relay or a beat serves its figures for Prometheus, "
        "of its own where several share a machine; unset serves none.",
    )
    relay_poll_s: float = Field(
        default=0.25, gt=0, description="Longest wait of the relay for a bell, in seconds."
    )
    relay_batch_size: int = Field(
        default=100,
        ge=1,
        le=1000,
        description="Most events that the relay numbers in one transaction.",
    )
    relay_lease_s: float = Field(
        default=3.0,
        ge=0.5,
        description="How long events may wait for a standby when the relay that leads was killed, "
        "in seconds.",
    )
    job_resend_after_s: float = Field(
        default=5.0,
        gt=0,
        description="After how long an open job is sent again first, in seconds; doubles.",
    )
    job_resend_at_most_s: float = Field(
        default=300.0,
        gt=0,
        description="Longest time between two sendings of an open job, in seconds.",
    )
    job_max_attempts: int = Field(
        default=3,
        ge=1,
        description="Attempts of a job, failed ones and such as killed their worker, "
        "before it is a dead letter.",
    )
    job_outage_h: float = Field(
        default=24.0,
        gt=0,
        description="For how long after its first attempt an outage (of Neo4j, Redis or the "
        "storage of images) uses up no attempt of a job, in hours.",
    )
    dead_letter_retention_h: float = Field(
        default=720.0, ge=1, description="How long dead letters are kept, in hours."
    )
    event_retention_h: float = Field(
        default=24.0, gt=0, description="How long events can be caught up with, in hours."
    )
    notification_retention_h: float = Field(
        default=2160.0,
        gt=0,
        description="How long notifications are kept after the last that was added, in hours.",
    )
    idempotency_retention_h: float = Field(
        default=25.0, ge=24, description="How long clients' idempotency keys are kept, in hours."
    )

    webhook_allow_http: bool = Field(
        default=False, description="Whether webhooks may be sent without TLS: for trying out."
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="Whether webhooks may be sent to addresses of the own network: for trying out, "
        "or where all users may reach what is there.",
    )
    webhook_key: SecretStr = Field(
        default=SecretStr(""),
        description="Seals webhooks' secrets in Neo4j: 32 random bytes or more, the same "
        "everywhere; without it none can be registered. Several, separated by spaces, while it is "
        "replaced: the first seals, each opens.",
    )
    webhook_ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) to trust webhooks' servers by, beside the system's.",
    )
    webhook_timeout_s: float = Field(
        default=10.0, gt=0, le=30, description="How long one delivery may take, in seconds."
    )
    webhook_max_attempts: int = Field(
        default=8, ge=1, description="Attempts of a delivery before it is a dead letter."
    )

    media_retention_h: float = Field(
        default=24.0, ge=1, description="How long an image is kept that nothing shows, in hours."
    )

    @field_validator("redis_url")
    @classmethod
    def _check_redis(cls, url: str) -> str:
        try:
            parse_url(url)  # type: ignore[no-untyped-call]
        except ValueError:  # its text may hold a piece of the password
            raise ValueError("this is no address of Redis; give redis://HOST:PORT/0") from None
        return url

    @model_validator(mode="after")
    def _check_broker(self) -> Self:
        try:
            url = urlsplit(self.broker)
            is_known = url.scheme in _BROKERS and url.port != 0
        except ValueError:  # its text may hold a piece of the password
            is_known = False
        if not is_known:
            raise ValueError(
                "NEXUS_BROKER_URL is no address of a broker that Nexus knows; "
                "give redis://HOST:PORT/0 or amqp://USER:PASSWORD@HOST:PORT//"
            )
        return self

    @property
    def webhook_keys(self) -> list[str]:
        """What may open webhooks' secrets; empty without any."""
        return self.webhook_key.get_secret_value().split()

    @property
    def broker(self) -> str:
        """Address of the broker in effect."""
        return self.broker_url or self.redis_url
