"""The environment that every process of Nexus is started with."""

from local.datadir import DataDir
from local.errors import LocalError
from local.settings import LocalSettings

_SHORTEST_SECRET = 32  # bytes; the API refuses shorter ones, but only when its servers are up


def build(settings: LocalSettings, data: DataDir) -> dict[str, str]:
    """Return the `NEXUS_*` values for children.

    Raises:
        LocalError: a secret is too short, or missing where only development may make it up.
    """
    secrets = _secrets(settings, data)
    redis_url = settings.redis_url or f"redis://127.0.0.1:{settings.redis_port}/0"
    return {
        "NEXUS_ENV": settings.env,
        "NEXUS_DATA_DIR": str(data.path),
        "NEXUS_HTTP_PORT": str(settings.http_port),
        "NEXUS_NEO4J_URI": settings.neo4j_uri or f"bolt://localhost:{settings.neo4j_bolt_port}",
        "NEXUS_NEO4J_USER": settings.neo4j_user,
        "NEXUS_REDIS_URL": redis_url,
        "NEXUS_BROKER_URL": settings.broker_url or redis_url,
        "NEXUS_MEDIA_DIR": str(data.path / "media"),
        "NEXUS_ASSETS_DIR": str(settings.cache_dir.resolve() / "assets"),
        "PYTHONUNBUFFERED": "1",  # else what children say comes late
        **secrets,
    }


def _secrets(settings: LocalSettings, data: DataDir) -> dict[str, str]:
    given = {
        "NEXUS_NEO4J_PASSWORD": settings.neo4j_password,
        "NEXUS_JWT_SECRET": settings.jwt_secret,
        "NEXUS_WEBHOOK_KEY": settings.webhook_key,
    }
    if settings.neo4j_uri and not settings.neo4j_password:
        raise LocalError("NEXUS_NEO4J_URI is set without NEXUS_NEO4J_PASSWORD; set both.")
    if settings.env != "development" and not settings.jwt_secret:
        raise LocalError(
            f"NEXUS_JWT_SECRET is missing and NEXUS_ENV is {settings.env}; set it to at least 32 "
            "random bytes. Only development makes one up."
        )
    if settings.jwt_secret and len(settings.jwt_secret.encode()) < _SHORTEST_SECRET:
        raise LocalError(
            f"NEXUS_JWT_SECRET has {len(settings.jwt_secret.encode())} bytes and needs "
            f"{_SHORTEST_SECRET}; set it to the output of `openssl rand -base64 48`."
        )
    return {**data.secrets(), **{name: value for name, value in given.items() if value}}
