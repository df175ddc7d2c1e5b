"""docker-compose.yml: valid by the Compose Specification, complete, and no container is root's."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services by name."""
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_is_valid_by_the_compose_specifications_schema() -> None:
    answer = validate(COMPOSE)
    assert answer.returncode == 0, answer.stdout


def test_the_schema_refuses_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text().replace("stop_grace_period", "stop_grace_periods"))
    assert validate(broken).returncode == 1


def compose_command() -> list[str]:
    """`docker compose`, where this machine has it."""
    docker = shutil.which("docker")
    if (
        docker
        and not subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        return [docker, "compose"]
    return []


def test_docker_compose_reads_it_where_that_command_exists() -> None:
    command = compose_command()
    if command:
        files = ["--file", str(COMPOSE), "--profile", "gpu", "config", "--quiet"]
        answer = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr


def test_all_parts_are_there_and_a_gpu_is_asked_for_by_profile_only(services: dict[str, Any]) -> None:
    assert {"api", "worker", "scheduler", "migrate", "postgres", "redis", "worker-gpu"} == set(services)
    assert [name for name, service in services.items() if "profiles" in service] == ["worker-gpu"]
    assert services["worker-gpu"]["profiles"] == ["gpu"]


def test_only_the_api_is_reached_from_outside(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["api"]


def test_the_services_get_every_setting_that_has_no_default(services: dict[str, Any]) -> None:
    for name in ("api", "worker", "worker-gpu", "scheduler", "migrate"):
        given = set(services[name]["environment"])
        assert {"DATABASE_URL", "BROKER_URL", "IMAGE_STORE_URL", "SECRET_KEY"} <= given, name


def test_each_build_target_is_a_stage_that_does_not_run_as_root(services: dict[str, Any]) -> None:
    found = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    base_of = {stage: base for base, stage in found}
    for service in services.values():
        if "build" in service:
            assert base_of[service["build"]["target"]] == "runtime"
    runtime = DOCKERFILE.split("AS runtime")[1].split("\nFROM ")[0]
    assert "\nUSER dermtriage\n" in runtime


def test_every_room_is_in_the_image() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    copied = set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE, re.MULTILINE))
    assert copied == rooms | {"migrations"}
