"""Simulate a very large cohort on a Slurm cluster, through dask-jobqueue.

Every job is one node's worth of workers; the process that runs this file hands out the work and keeps the result.
`sbatch simulate.sbatch` starts it as a small job of its own, so that nobody's terminal has to stay open.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dask_jobqueue import SLURMCluster

from afterglow import Protocol, simulate


def asked() -> argparse.Namespace:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("file", type=Path, help="protocol (YAML)")
    options.add_argument("--participants", "-n", type=int, default=1_000_000, help="virtual people per arm")
    options.add_argument("--draws", type=int, help="draws of the parameters")
    options.add_argument("--out", type=Path, default=Path("result.nc"), help="where the result goes (NetCDF)")
    options.add_argument("--jobs", type=int, default=4, help="Slurm jobs")
    options.add_argument("--cores", type=int, default=16, help="cores of each job, a worker each")
    options.add_argument("--memory", default="32GB", help="memory of each job; a worker needs less than 1 GB")
    options.add_argument("--walltime", default="02:00:00", help="most time of each job")
    options.add_argument("--queue", help="Slurm partition")
    options.add_argument("--account", help="Slurm account")
    options.add_argument("--interface", help="network between the nodes, such as ib0")
    return options.parse_args()


def main() -> None:
    """Start the workers, simulate, and write the result."""
    want = asked()
    protocol = Protocol.from_file(want.file)  # a mistake in it is found before a job is queued
    cluster = SLURMCluster(
        cores=want.cores,
        processes=want.cores,
        memory=want.memory,
        walltime=want.walltime,
        queue=want.queue,
        account=want.account,
        interface=want.interface,
        python=sys.executable,
        job_script_prologue=[
            "export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False",
            "export MALLOC_TRIM_THRESHOLD_=268435456 MALLOC_MMAP_THRESHOLD_=33554432",
            "export OMP_NUM_THREADS=1",
        ],
    )
    with cluster:
        cluster.scale(jobs=want.jobs)
        result = simulate(
            protocol,
            participants=want.participants,
            draws=want.draws,
            engine="dask",
            scheduler=cluster.scheduler_address,
            progress=tell(),
        )
    print(result.save(want.out))


def tell(step: float = 0.05) -> object:
    """Print how far it is, every twentieth of the way."""
    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if done >= total or done / total >= told + step:
            told = done / total
            print(f"{told:.0%} of {total:,} courses", flush=True)

    return progress


if __name__ == "__main__":
    main()
