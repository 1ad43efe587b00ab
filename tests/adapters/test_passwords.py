"""A password opens its own hash and no other, and nobody is told who has none."""

import os
import subprocess
import sys

import pytest

from adapters.passwords import hash_password, verify_password

pytestmark = pytest.mark.unit


def printed(password: str | None) -> str:
    environment = {key: value for key, value in os.environ.items() if "NEXUS_IMPORT" not in key}
    if password is not None:
        environment["NEXUS_IMPORT_PASSWORD"] = password
    command = [sys.executable, "-m", "adapters.passwords"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\n")


def test_a_password_opens_its_hash_only() -> None:
    hashed = hash_password("correct horse")

    assert verify_password("correct horse", hashed)
    assert not verify_password("battery staple", hashed)
    assert not verify_password("", hashed)


def test_a_hash_is_salted_argon2_that_costs_64_mebibytes() -> None:
    first, second = hash_password("same"), hash_password("same")

    assert first != second
    assert first.startswith("$argon2id$v=19$m=65536,")


@pytest.mark.parametrize("password", ["", "anything"])
def test_nobody_has_no_password(password: str) -> None:
    assert not verify_password(password, None)


def test_the_command_prints_a_hash_of_the_password_of_imported_users() -> None:
    assert verify_password("päss word$1", printed("päss word$1"))


@pytest.mark.parametrize("password", [None, ""])
def test_the_command_prints_nothing_without_a_password(password: str | None) -> None:
    assert printed(password) == ""
