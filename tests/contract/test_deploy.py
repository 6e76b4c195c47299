"""The recipes for clusters, as far as they can be tried without one: they parse, and what they name exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import types
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from tests.runs import assert_same, protocol

from afterglow import Protocol, Result, __version__, simulate
from afterglow.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
SLURM, KUBERNETES = ROOT / "deploy" / "slurm", ROOT / "deploy" / "kubernetes"


@pytest.fixture(scope="module")
def manifest() -> dict[str, dict[str, Any]]:
    """By kind."""
    text = (KUBERNETES / "job.yaml").read_text(encoding="utf-8")
    return {found["kind"]: found for found in yaml.safe_load_all(text)}


def refuse_unknown(words: list[str], command: Any) -> None:
    """Fail where a click command knows no such option."""
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in known


def refuse_unknown_afterglow(words: list[str]) -> None:
    assert words[0] == "afterglow"
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    refuse_unknown(words[2:], commands[words[1]])


def containers(manifest: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    spec = manifest["DaskJob"]["spec"]
    cluster = spec["cluster"]["spec"]
    specs = (spec["job"]["spec"], cluster["worker"]["spec"], cluster["scheduler"]["spec"])
    return {container["name"]: container for own in specs for container in own["containers"]}


def test_the_job_has_what_the_operator_needs(manifest: dict[str, dict[str, Any]]) -> None:
    job = manifest["DaskJob"]
    assert job["apiVersion"] == "kubernetes.dask.org/v1"
    assert set(job["spec"]) == {"job", "cluster"}  # both are required, and nothing else is known
    cluster = job["spec"]["cluster"]["spec"]
    assert set(cluster) == {"worker", "scheduler"}
    assert set(cluster["scheduler"]) == {"spec", "service"}
    service = cluster["scheduler"]["service"]
    assert service["selector"] == {"dask.org/cluster-name": job["metadata"]["name"], "dask.org/component": "scheduler"}
    (scheduler,) = cluster["scheduler"]["spec"]["containers"]
    opened = {port["name"]: port["containerPort"] for port in scheduler["ports"]}
    assert {port["targetPort"]: port["port"] for port in service["ports"]} == opened
    assert {scheduler[probe]["httpGet"]["port"] for probe in ("readinessProbe", "livenessProbe")} <= set(opened)
    assert opened["tcp-comm"] == 8786  # where the operator tells workers and job to look


def test_volumes_and_claims_fit(manifest: dict[str, dict[str, Any]]) -> None:
    spec = manifest["DaskJob"]["spec"]["job"]["spec"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
    assert set(mounts) == set(volumes)
    claim = volumes["results"]["persistentVolumeClaim"]["claimName"]
    assert claim == manifest["PersistentVolumeClaim"]["metadata"]["name"]
    words = spec["containers"][0]["args"]
    assert f"--out={mounts['results']}" in words
    assert words[2].startswith(f"{mounts['protocol']}/")


def test_every_container_runs_one_image_of_this_version(manifest: dict[str, dict[str, Any]]) -> None:
    images = {container["image"] for container in containers(manifest).values()}
    assert images == {f"afterglow:{__version__}"}
    assert f"-t afterglow:{__version__} ." in (KUBERNETES / "Dockerfile").read_text(encoding="utf-8")


def test_commands_of_the_containers_exist(manifest: dict[str, dict[str, Any]]) -> None:
    found = containers(manifest)
    refuse_unknown_afterglow(found["job"]["args"])
    for name in ("worker", "scheduler"):
        program, command, *words = found[name]["args"]
        assert program == "dask"
        (entry,) = metadata.entry_points(group="dask_cli", name=command)
        refuse_unknown(words, entry.load())


def test_settings_of_the_workers_exist(manifest: dict[str, dict[str, Any]]) -> None:
    config = import_module("dask").config
    import_module("distributed")
    script = (SLURM / "simulate.py").read_text(encoding="utf-8")
    kubernetes = {e["name"]: e["value"] for e in containers(manifest)["worker"]["env"]}
    slurm = dict(re.findall(r"\b([A-Z_]{6,})=(\w+)", script))
    assert kubernetes == slurm
    local = import_module("afterglow.runs.execute")._WORKERS
    for place, value in local.items():
        name = place.removeprefix("distributed.nanny.pre-spawn-environ.")
        own = name if name != place else f"DASK_{place}".replace(".", "__").upper()
        assert kubernetes[own] == str(value)
    assert config.get("distributed.worker.profile.enabled") is True  # the usual, which is turned off


def test_the_image_copies_what_is_there_and_runs_what_exists() -> None:
    text = (KUBERNETES / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    python = re.search(r"^FROM python:(\d\.\d+)-slim$", text, re.M)
    assert python is not None
    assert python[1] in ("3.11", "3.12", "3.13")
    for line in re.findall(r"^COPY (.+)$", text, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
    for line in re.findall(r"^RUN (.+)$", text, re.M):
        for command in line.split("&&"):
            words = shlex.split(command)
            if words[0] == "afterglow":
                refuse_unknown_afterglow(words)
            for place, word in enumerate(words):
                if word == "-r":
                    assert (ROOT / words[place + 1]).is_file()


def test_the_batch_script_is_one() -> None:
    script = SLURM / "simulate.sbatch"
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert (SLURM / "simulate.py").name in text
    assert {"--ntasks=1", "--time=04:00:00"} <= set(re.findall(r"^#SBATCH (\S+)$", text, re.M))


@pytest.mark.slow
def test_the_slurm_script_simulates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cluster is one of this machine; the rest is what runs on Slurm."""
    local = import_module("distributed").LocalCluster
    seen: dict[str, Any] = {}

    class SLURMCluster:
        def __init__(self, **how: Any) -> None:
            seen.update(how)

        def scale(self, jobs: int) -> None:
            count = jobs * seen["processes"]
            self.cluster = local(count, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0")

        @property
        def scheduler_address(self) -> str:
            return str(self.cluster.scheduler_address)

        def __enter__(self) -> SLURMCluster:
            return self

        def __exit__(self, *_: object) -> None:
            self.cluster.close()

    module = types.ModuleType("dask_jobqueue")
    module.SLURMCluster = SLURMCluster  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dask_jobqueue", module)
    file, out = tmp_path / "small.yaml", tmp_path / "small.nc"
    file.write_text(protocol().to_yaml(), encoding="utf-8")
    words = [str(file), "-n", "3000", "--draws", "4", "--jobs", "1", "--cores", "2", "--queue", "short"]
    monkeypatch.setattr(sys, "argv", ["simulate.py", *words, "--out", str(out)])
    space: dict[str, Any] = {"__name__": "simulate"}
    exec(compile((SLURM / "simulate.py").read_text(encoding="utf-8"), "simulate.py", "exec"), space)
    space["main"]()
    assert (seen["cores"], seen["processes"], seen["queue"], seen["python"]) == (2, 2, "short", sys.executable)
    assert_same(Result.load(out).run, simulate(Protocol.from_file(file), participants=3000, draws=4).run)
