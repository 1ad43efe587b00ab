"""What `make run` does."""

import time
from collections.abc import Mapping

import neo4j

from adapters.passwords import hash_password
from local import assets, banner, demo, environment, services
from local.datadir import DataDir
from local.errors import LocalError
from local.neo4j import Neo4jServer
from local.ports import check_ports
from local.process import Process
from local.redis import RedisServer
from local.settings import LocalSettings
from local.supervisor import Supervisor

_READY_S = 180  # for a first start on a slow disk; an ordinary one takes less than ten seconds


def run(settings: LocalSettings) -> None:
    """Start everything, say where it is, and keep it running until a signal comes.

    Raises:
        LocalError: something is missing, in use or keeps dying.
    """
    data = DataDir(settings.data_dir)
    with data.locked(), Supervisor(banner.say) as supervisor:
        own = environment.build(settings, data)
        check_ports({"NEXUS_HTTP_PORT": settings.http_port, **_server_ports(settings)})
        servers = start_servers(settings, own, supervisor)
        assets.fetch(settings.cache_dir)
        for server in servers:
            server.wait_ready(_READY_S)
        data.announce(own)
        prepare(settings, data, own)
        for process in services.processes(own, settings.http_port):
            supervisor.start(process)
            process.wait_ready(_READY_S)
        banner.show(settings, own)
        supervisor.watch()


def execute(settings: LocalSettings, process: Process) -> int:
    """Run a process on the servers of the data directory, started for it if they do not run.

    Returns:
        Its exit code.
    """
    data = DataDir(settings.data_dir)
    own = environment.build(settings, data)
    if data.is_locked():
        return _complete(process, {**own, **data.running()})
    with data.locked(), Supervisor(banner.say) as supervisor:
        check_ports(_server_ports(settings))
        for server in start_servers(settings, own, supervisor):
            server.wait_ready(_READY_S)
        _graph("apply", own=own)
        return _complete(process, own)


def import_file(settings: LocalSettings, file: str) -> int:
    """Import JSON lines; everybody in them can log in with the password of the settings.

    Returns:
        The importer's exit code.
    """
    login = _login(settings.import_password) if settings.import_password else {}
    return execute(settings, services.graph("import", file, environment=login))


def start_servers(
    settings: LocalSettings, own: Mapping[str, str], supervisor: Supervisor
) -> list[Process]:
    """Start Neo4j and Redis, except those that the settings say are elsewhere."""
    servers = _servers(settings, own)
    for server in servers:
        banner.say(f"Starting {server.name} in {server.home}")
        supervisor.start(server)
    return [*servers]


def prepare(settings: LocalSettings, data: DataDir, own: Mapping[str, str]) -> None:
    """Apply constraints and indexes, and give an empty database its demo."""
    _graph("apply", own=own)
    if data.is_restored:
        _graph("break-history", own=own)
        data.is_restored = False
    lines = data.path / "demo.jsonl"
    wanted = settings.demo and settings.env == "development"
    if wanted and not lines.exists() and _is_empty(own):
        banner.say("Making the demo world")
        demo.write(lines, now_ms=int(time.time() * 1000))
    if wanted and lines.exists():  # if it was there before, the importer goes on where it was
        _graph("import", str(lines), own={**own, **_login(demo.PASSWORD)})
        _graph("set-role", demo.ADMIN, "ADMIN", own=own)
        lines.unlink()


def _servers(settings: LocalSettings, own: Mapping[str, str]) -> list[Neo4jServer | RedisServer]:
    servers: list[Neo4jServer | RedisServer] = []
    if not settings.neo4j_uri:
        servers.append(neo4j_of(settings, own))
    if not settings.redis_url:
        servers.append(RedisServer(settings.data_dir.resolve() / "redis", settings.redis_port))
    return servers


def neo4j_of(settings: LocalSettings, own: Mapping[str, str]) -> Neo4jServer:
    """Give the Neo4j of the data directory; it is not started."""
    return Neo4jServer(
        settings.data_dir.resolve() / "neo4j",
        cache_dir=settings.cache_dir,
        bolt_port=settings.neo4j_bolt_port,
        http_port=settings.neo4j_http_port,
        password=own["NEXUS_NEO4J_PASSWORD"],
        heap_mb=settings.neo4j_heap_mb,
    )


def _server_ports(settings: LocalSettings) -> dict[str, int]:
    ports = {}
    if not settings.neo4j_uri:
        ports["NEXUS_NEO4J_BOLT_PORT"] = settings.neo4j_bolt_port
        ports["NEXUS_NEO4J_HTTP_PORT"] = settings.neo4j_http_port
    if not settings.redis_url:
        ports["NEXUS_REDIS_PORT"] = settings.redis_port
    return ports


def _is_empty(own: Mapping[str, str]) -> bool:
    auth = (own["NEXUS_NEO4J_USER"], own["NEXUS_NEO4J_PASSWORD"])
    with neo4j.GraphDatabase.driver(
        own["NEXUS_NEO4J_URI"], auth=auth, notifications_min_severity="OFF"
    ) as driver:
        [record] = driver.execute_query("RETURN NOT EXISTS { (:User) } AS empty").records
        return bool(record["empty"])


def _graph(*arguments: str, own: Mapping[str, str]) -> None:
    process = services.graph(*arguments)
    if exit_code := _complete(process, own):
        raise LocalError(
            f"`python -m {process.name}` failed (exit code {exit_code}); the lines above say why."
        )


def _login(password: str) -> dict[str, str]:
    """Return what tells the importer how people log in; it never sees the password."""
    return {"NEXUS_IMPORT_PASSWORD_HASH": hash_password(password)}


def _complete(process: Process, own: Mapping[str, str]) -> int:
    process.env = {**own, **process.env}
    process.start()
    try:
        return process.wait()
    finally:
        process.stop()
