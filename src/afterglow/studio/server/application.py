"""Puts the studio together: routes, guards, database, gate and pool."""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from types import FrameType

from anyio import to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.middleware.gzip import GZipMiddleware

from afterglow.runs.execute import cores
from afterglow.studio.accounts import routes as account_routes
from afterglow.studio.accounts.access import viewer
from afterglow.studio.answer_process import AnswerProcess, found_here
from afterglow.studio.answers import allowance
from afterglow.studio.apart import Apart
from afterglow.studio.compare import routes as compare_routes
from afterglow.studio.compare.comparison import compare
from afterglow.studio.compare.grid import GridQuestion, check_grid, grid_of
from afterglow.studio.database.database import Database
from afterglow.studio.database.upgrade import upgrade
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.evidence import routes as evidence_routes
from afterglow.studio.explore import routes as science_routes
from afterglow.studio.explore.course import course_of
from afterglow.studio.follow import routes as follow_routes
from afterglow.studio.jobs import routes as job_routes
from afterglow.studio.jobs.events import Watchers
from afterglow.studio.jobs.pool import JobKind, JobPool
from afterglow.studio.jobs.queue import Queue
from afterglow.studio.memory import give_memory_back
from afterglow.studio.plan import routes as plan_routes
from afterglow.studio.quick_runs import QuickRuns
from afterglow.studio.refusals import ErrorAnswer, Refused, handle_refusals
from afterglow.studio.saved import routes as saved_routes
from afterglow.studio.server import pages
from afterglow.studio.server.body import BodyLimit
from afterglow.studio.server.headers import SafeHeaders
from afterglow.studio.server.origin import SameOrigin
from afterglow.studio.server.parent import end_with_parent
from afterglow.studio.server.rate import RateLimit
from afterglow.studio.settings import Settings
from afterglow.studio.trials import routes as trial_routes
from afterglow.studio.trials.power import power_of
from afterglow.studio.trials.question import TrialQuestion, trial_of
from afterglow.version import __version__

__all__ = ["KINDS", "create_app", "from_environment", "served_app"]

KINDS: Mapping[str, JobKind] = {
    "compare": JobKind(Design, compare, check=protocol_of),
    "grid": JobKind(GridQuestion, grid_of, check=check_grid),
    "trial": JobKind(TrialQuestion, power_of, check=trial_of),
}
_AT_ONCE, _AT_ONCE_ON_ONE_CORE = 3, 2
"""Quick runs at once; a class of 100 on two processes of one core each gets 8 % more answers of two than of three."""
_MORE_THREADS = 40
"""Threads for answers that are not quick runs, so that those never wait behind them."""
_LOGINS_AT_ONCE, _LOGINS_WAITING, _LOGINS_NICE = 1, 120, 5
"""A password costs 64 MB and a tenth of a second; a class logs in at once, and guesses give way to calculations."""


_WORTH_PACKING, _PACKED = 1024, 1
"""Bytes from which an answer is compressed, and how hard: a course of 66 KB takes 0.7 ms and becomes 18 KB, at level 6
2.2 ms and 15 KB. Streams of events stay as they are."""


class Health(BaseModel):
    """That the server answers."""

    ok: bool


def create_app(
    settings: Settings, *, kinds: Mapping[str, JobKind] = KINDS, warm: bool = False, isolated: bool = False
) -> FastAPI:
    """Make the app.

    Parameters
    ----------
    settings : Settings
    kinds : mapping of str to JobKind
        What long calculations there are.
    warm : bool
        Run each medicine once at the start, so that nobody waits for compiled code to be loaded.
    isolated : bool
        Find quick answers in a process of its own. In one interpreter each request takes its turn from calculations, a
        thousand a second under somebody who asks without pause, and every turn has to be waited for.
    """
    app = FastAPI(
        title="Afterglow studio",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        responses={"4XX": {"model": ErrorAnswer}, "5XX": {"model": ErrorAnswer}},
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.kinds = kinds
    app.state.warm = warm
    app.state.isolated = isolated
    app.state.stopping = threading.Event()
    handle_refusals(app)
    for science in (science_routes, compare_routes, trial_routes, plan_routes, follow_routes, evidence_routes):
        app.include_router(science.router, dependencies=[Depends(viewer)])
    for own in (account_routes, saved_routes, job_routes, pages):
        app.include_router(own.router)
    app.add_api_route("/api/openapi.json", _openapi, include_in_schema=False, dependencies=[Depends(viewer)])
    app.add_api_route("/healthz", _health, name="health", methods=["GET"], tags=["health"])
    app.mount("/static", pages.StaticPages(directory=pages.STATIC, check_dir=False))
    app.router.default = pages.Elsewhere(app.router.default)
    # The last one added sees a request first.
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(SameOrigin, settings=settings)
    app.add_middleware(RateLimit, settings=settings)
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_PACKING, compresslevel=_PACKED)
    app.add_middleware(SafeHeaders)
    return app


def from_environment() -> FastAPI:
    """Make the app in a server process, from the variables that the command left."""
    settings = Settings.gather()
    end_with_parent()
    give_memory_back()
    return served_app(settings)


def served_app(settings: Settings) -> FastAPI:
    """Make the app of a server process."""
    return create_app(settings, warm=settings.warm_up, isolated=True)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    database = await to_thread.run_sync(_opened, settings)
    app.state.database = database
    app.state.queue = Queue(database, places=settings.waiting_jobs)
    own_cores = cores() / settings.workers
    at_once = settings.quick_at_once or (_AT_ONCE if own_cores > 1 else _AT_ONCE_ON_ONE_CORE)
    app.state.quick_runs = QuickRuns(at_once=at_once, waiting=settings.quick_waiting, cores=own_cores)
    own = AnswerProcess(at_once=at_once)
    if app.state.isolated:
        own.start()
    app.state.near = own.find if app.state.isolated else found_here
    app.state.apart = Apart()
    app.state.allowance = allowance()
    app.state.logins = QuickRuns(
        at_once=_LOGINS_AT_ONCE, waiting=_LOGINS_WAITING, each=_LOGINS_WAITING, nice=_LOGINS_NICE
    )
    app.state.watchers = Watchers()
    app.state.stopping.clear()
    to_thread.current_default_thread_limiter().total_tokens = (
        app.state.quick_runs.places + app.state.apart.places + app.state.logins.places + _MORE_THREADS
    )
    pool = JobPool(
        app.state.queue,
        app.state.kinds,
        processes=max(1, settings.processes // settings.workers),
        minutes=settings.job_minutes,
        silence_s=settings.silence_s,
    )
    app.state.job_pool = pool
    pool.start()
    _hear_signals(app.state.stopping)
    if app.state.warm:
        threading.Thread(target=_warm_up, args=(app,), name="afterglow-warm-up", daemon=True).start()
    try:
        yield
    finally:
        app.state.stopping.set()
        app.state.quick_runs.close()
        app.state.logins.close()
        await to_thread.run_sync(own.kill)
        await to_thread.run_sync(app.state.apart.close)
        await to_thread.run_sync(pool.stop)
        await to_thread.run_sync(database.close)


def _hear_signals(stopping: threading.Event) -> None:
    """End the watchers' streams when the server is told to stop; it waits for them otherwise."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before):

            def heard(sent: int, frame: FrameType | None, before: Callable[..., object] = before) -> None:
                stopping.set()
                before(sent, frame)

            signal.signal(number, heard)


def _warm_up(app: FastAPI) -> None:
    app.openapi()
    stopping: threading.Event = app.state.stopping
    gate = app.state.quick_runs.asked_by(None)
    for design in choices().starters.values():
        if not stopping.is_set():
            with suppress(Refused):  # the process was killed, or the server is told to stop
                gate.run(partial(app.state.near, partial(course_of, design), gate))


def _opened(settings: Settings) -> Database:
    database = Database.opened(settings)
    upgrade(database)
    return database


def _openapi(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


def _health() -> Health:
    """Say that the server answers."""
    return Health(ok=True)
