"""The secrets that workers know, and tell nobody."""

from functools import cache
from urllib.parse import urlsplit

from graph.settings import GraphSettings
from workers.settings import WorkerSettings


def known_secrets(settings: WorkerSettings, graph_settings: GraphSettings) -> tuple[str, ...]:
    """Give the passwords of the servers in use, and our keys."""
    found = [
        graph_settings.neo4j_password.get_secret_value(),
        *settings.webhook_keys,
        *(urlsplit(url).password for url in (settings.redis_url, settings.broker)),
    ]
    return tuple(secret for secret in found if secret)


@cache
def own_secrets() -> tuple[str, ...]:
    """Give those of the servers that this process uses."""
    return known_secrets(WorkerSettings(), GraphSettings())
