"""The commands of `python -m local`."""

import argparse
import logging
import sys
import time
from pathlib import Path

from pydantic import ValidationError

from local import assets, demo, jars, neo4j
from local.backup import backup, restore
from local.errors import LocalError
from local.process import Process
from local.run import execute, import_file, run
from local.settings import LocalSettings
from local.supervisor import Interrupted, interruptible

_NEO4J_SPEC = Path(__file__).with_name("neo4j.jgo.toml")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; what a person can cause becomes one sentence."""
    options = _parser().parse_args(arguments)
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # a server that starts refuses at first
    try:
        with interruptible():
            return _dispatch(options, LocalSettings())
    except Interrupted:
        return 0 if options.command == "run" else 130
    except LocalError as error:
        print(f"nexus: {error}", file=sys.stderr)
    except ValidationError as error:
        for problem in error.errors():
            name = f"NEXUS_{problem['loc'][0]}".upper()
            print(f"nexus: {name}={problem['input']}: {problem['msg']}.", file=sys.stderr)
    return 1


def _dispatch(options: argparse.Namespace, settings: LocalSettings) -> int:
    match options.command:
        case "run":
            run(settings)
        case "exec":
            return execute(settings, Process(options.program[0], options.program))
        case "import":
            return import_file(settings, options.file)
        case "backup" | "restore":
            _keep(options, settings)
        case "fetch":
            neo4j.fetch(settings.cache_dir)
            assets.fetch(settings.cache_dir)
        case "demo":
            print(f"{demo.write(options.out, options.now_ms)} lines in {options.out}")
        case "lock":
            count = jars.write_lock(_NEO4J_SPEC, neo4j.LOCK, settings.cache_dir)
            print(f"{count} jars in {neo4j.LOCK}")
    return 0


def _keep(options: argparse.Namespace, settings: LocalSettings) -> None:
    if options.command == "backup":
        backup(settings, options.folder)
        print(f"All of {settings.data_dir} but its secrets is in {options.folder}.")
    else:
        restore(settings, options.folder, replaces=options.replace)
        print(f"{settings.data_dir} holds what is in {options.folder}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything and keep it running until Ctrl-C")
    program = commands.add_parser("exec", help="run a program on the data directory's servers")
    program.add_argument("program", nargs="+", help="after --: the program and its arguments")
    lines = commands.add_parser("import", help="import JSON lines into the data directory's Neo4j")
    lines.add_argument("file", help="plain or packed by gzip")
    folder = commands.add_parser("backup", help="write a backup while nothing runs")
    folder.add_argument("folder", type=Path, help="a new folder")
    folder = commands.add_parser("restore", help="fill the data directory with a backup")
    folder.add_argument("folder", type=Path, help="what `backup` wrote")
    folder.add_argument("--replace", action="store_true", help="lose the database that is there")
    commands.add_parser("fetch", help="download Neo4j and the explorers")
    lines = commands.add_parser("demo", help="write the demo world to a file")
    lines.add_argument("--out", type=Path, required=True, help="file of JSON lines")
    lines.add_argument("--now-ms", type=int, default=int(time.time() * 1000), help="its present")
    commands.add_parser("lock", help="resolve Neo4j afresh and write its lock file")
    return parser
