"""Where media are kept and how large they may be: the same for the API and the workers."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class MediaSettings(BaseSettings):
    """Settings of media, read from the environment (prefix `NEXUS_`)."""

    model_config = SettingsConfigDict(
        env_prefix="NEXUS_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    media_dir: Path = Field(
        default=Path("/var/lib/nexus/media"),
        description="Directory of images: one for all processes of the API and the workers.",
    )
    media_url: str | None = Field(
        default=None,
        pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?$",
        description="`s3://BUCKET/PREFIX` keeps images there instead of in the directory; "
        "credentials and region are `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and "
        "`AWS_DEFAULT_REGION`, or whatever else Amazon's tools take.",
    )
    media_s3_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+/?$",
        description="Address of what speaks S3, `https://HOST:PORT`, if it is not Amazon.",
    )
    max_image_pixels: int = Field(
        default=50_000_000,
        ge=10_000,
        description="Most pixels of an image, all its frames together; making one takes 8 bytes "
        "of memory for each.",
    )
