"""The compose file: what it names is there, images are pinned, and every template gets all of its words."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml

from tests.house.tracked import ROOT
from wire.settings import load_settings
from wire.version import VERSION

FOLDER = ROOT / "deploy/compose"
TEMPLATES = (FOLDER, ROOT / "deploy/cluster/etc")
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
# The keys of the compose specification that are used here: a misspelt one is found.
KNOWN = {
    *("build", "command", "depends_on", "environment", "healthcheck", "image", "init", "networks", "ports"),
    *("profiles", "restart", "shm_size", "volumes"),
}
FILLED = re.compile(r"fill,? /templates/(\S+?),? ")
IN_CI = os.environ.get("CI") == "true"
BALANCER = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PINNED = re.compile(r"[a-z-]+:\d+(\.\d+)+(-[a-z]+)?")


def commands() -> dict[str, str]:
    return {name: " ".join(service.get("command", [])) for name, service in SERVICES.items()}


def template(name: str) -> Template:
    (file,) = (folder / name for folder in TEMPLATES if (folder / name).exists())
    return Template(file.read_text())


def words(text: Template) -> set[str]:
    return set(text.get_identifiers())


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_only_what_compose_knows(name: str) -> None:
    assert SERVICES[name].keys() - KNOWN == set()


def test_images_are_pinned_and_ours_have_the_version_of_the_programs() -> None:
    images = {service["image"] for service in SERVICES.values()}
    froms = re.findall(r"(?m)^FROM (\S+)", DOCKERFILE)
    stages = set(re.findall(r"(?m)^FROM \S+ AS (\S+)", DOCKERFILE))
    for image in {*images, *froms} - stages:
        assert PINNED.fullmatch(image), f"{image}: no pinned name without a host"
    ours = {service["image"] for service in SERVICES.values() if "build" in service}
    assert {image.partition(":")[2] for image in ours} == {VERSION}
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= stages


@pytest.mark.parametrize("image", ["debian:latest", "debian", "host.example/debian:12.1", "debian:bookworm"])
def test_an_image_that_is_not_pinned_is_found(image: str) -> None:
    assert not PINNED.fullmatch(image)


@pytest.mark.parametrize("name", [name for name, said in commands().items() if "fill " in said])
def test_every_word_of_a_template_gets_its_value(name: str) -> None:
    (filled,) = FILLED.findall(commands()[name])
    environment = SERVICES[name]["environment"]
    assert words(template(filled)) - environment.keys() == set()
    assert all(isinstance(value, str) for value in environment.values())


def test_what_a_service_leans_on_is_there() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", ())) <= SERVICES.keys(), name
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert volumes <= COMPOSE["volumes"].keys(), name
    addresses = [
        service["networks"]["default"]["ipv4_address"]
        for service in SERVICES.values()
        if "networks" in service
    ]
    assert len(addresses) == len(set(addresses))
    assert all(address.startswith("10.89.7.") for address in addresses)


def test_every_choice_of_the_operator_is_in_the_example() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", (FOLDER / "compose.yaml").read_text()))
    offered = set(re.findall(r"(?m)^#?(\w+)=", (FOLDER / "example.env").read_text()))
    assert asked | {"COMPOSE_PROFILES"} == offered
    profiles = {each for service in SERVICES.values() for each in service.get("profiles", ())}
    assert profiles == set(re.findall(r"COMPOSE_PROFILES=(\w+)", (FOLDER / "example.env").read_text()))


def test_the_servers_settings_are_read_as_they_are_meant(tmp_path: Path) -> None:
    environment = SERVICES["server1"]["environment"] | {
        "PUBLIC_URL": "https://numerek.test", "DATABASE_PASSWORD": "secret", "DATABASE_HOST": "database",
        "DATABASE_PORT": "5432", "REDIS_PASSWORD": "word",
    }  # fmt: skip
    file = tmp_path / "config.toml"
    file.write_text(template("server.toml").substitute(environment))
    settings = load_settings(file, {})
    proxy = SERVICES["haproxy"]["networks"]["default"]["ipv4_address"]
    # nginx on the machine comes from the gateway: a visitor's address is what stands before both.
    gateway = COMPOSE["networks"]["default"]["ipam"]["config"][0]["gateway"]
    assert settings.server.trusted_proxies == (f"{proxy}/32", f"{gateway}/32")
    assert "@pgbouncer:6432/" in settings.server.database_url
    assert settings.server.session_database_url.endswith("@database:5432/numerek")
    assert settings.portal.limits_store == "redis://:word@redis:6379"


@pytest.mark.skipif(BALANCER is None and not IN_CI, reason="HAProxy is not on this machine")
def test_haproxy_takes_its_settings_and_not_others(tmp_path: Path) -> None:
    text = template("haproxy.cfg").substitute(SERVICES["haproxy"]["environment"])
    text = text.replace("10.89.7.10:", "127.0.0.1:")

    def said(settings: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "haproxy.cfg").write_text(settings)
        words = [str(BALANCER), "-c", "-f", str(tmp_path / "haproxy.cfg")]
        return subprocess.run(words, capture_output=True, text=True, timeout=60)

    assert said(text).returncode == 0, said(text).stderr
    assert said(text.replace("resolvers names\n", "resolvers others\n")).returncode != 0


def test_what_the_images_take_from_the_project_is_there() -> None:
    sources = re.findall(r"(?m)^COPY (\S+)", DOCKERFILE)
    assert [each for each in sources if not each.startswith("release/") and not (ROOT / each).exists()] == []
    let_in = (FOLDER / "Dockerfile.dockerignore").read_text().split()
    assert all(any(each.startswith(one[1:]) for one in let_in) for each in sources)


@pytest.mark.skipif(
    shutil.which("envsubst") is None and not IN_CI, reason="gettext-base is not on this machine"
)
def test_a_word_without_a_value_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "template").write_text("a ${first} b ${second}\n")
    words = [
        str(FOLDER / "fill.sh"),
        str(tmp_path / "template"),
        str(tmp_path / "filled"),
        "cat",
        str(tmp_path / "filled"),
    ]
    bare = {"PATH": os.environ["PATH"], "first": "1"}
    done = subprocess.run(words, env=bare, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert "wants ${second}" in done.stderr
    done = subprocess.run(words, env=bare | {"second": ""}, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "a 1 b \n")
    assert (tmp_path / "filled").stat().st_mode & 0o777 == 0o600
