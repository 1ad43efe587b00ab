"""The ASGI application: wires everything, decides nothing. `python -m app` serves it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from broadcaster import Broadcast
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from adapters.media_storage import open_storage
from adapters.sealing import Seal
from adapters.settings import MediaSettings
from app.context import Services
from app.execution import Executor
from app.http.explorers import explorer_routes
from app.http.graphql import GraphQLEndpoint
from app.http.health import Readiness, livez
from app.http.media import MediaEndpoint
from app.http.metrics import Metrics
from app.http.multipart import PREFLIGHT_HEADERS
from app.http.request_id import HEADER, RequestIds
from app.http.stream import StreamEndpoint
from app.log_in import Accounts
from app.log_in_limit import LogInLimit
from app.realtime.bus import RedisBackend
from app.realtime.endpoint import GraphQLSocket
from app.realtime.hub import StreamLimits
from app.realtime.limits import SocketLimits
from app.realtime.patience import PatientRunner
from app.realtime.relay_bell import RelayBell
from app.realtime.seats import Seats
from app.realtime.session_watch import SessionWatch
from app.realtime.stats_board import StatsBoard
from app.realtime.streams import Streams
from app.schema import build_schema
from app.settings import AppSettings
from app.socket_login import SocketLogin
from app.tokens import Tokens
from app.uploads import Uploads
from app.warm_up import WarmUp
from graph.runner import AsyncGraph
from graph.settings import GraphSettings, load


def create_app() -> Starlette:
    """Build the application from the environment.

    Raises:
        SystemExit: A setting is wrong; says which, and what to do.
    """
    return build_app(load(AppSettings), load(GraphSettings), load(MediaSettings))


def build_app(
    settings: AppSettings, graph_settings: GraphSettings, media_settings: MediaSettings
) -> Starlette:
    """Build the application; it connects when it starts and lets go when it stops."""
    graph = AsyncGraph(graph_settings)
    backend = RedisBackend(settings.redis_url)
    broadcast = Broadcast(backend=backend)
    bell = RelayBell(broadcast)
    tokens = Tokens(settings.signing_key, settings.access_token_s, settings.refresh_token_s)
    limit = LogInLimit(settings.redis_url, settings.log_in_attempts, settings.log_in_window_s)
    storage = open_storage(media_settings)
    uploads = Uploads(storage, settings.image_workers, media_settings.max_image_pixels)
    services = Services(
        graph=graph,
        accounts=Accounts(graph, tokens, settings.password_workers, limit),
        streams=Streams(graph, broadcast, StreamLimits(buffer_size=settings.stream_buffer_size)),
        stats_board=StatsBoard(PatientRunner(graph)),
        patient=PatientRunner(graph),
        bell=bell,
        weights=graph_settings.weights,
        uploads=uploads,
        media_base_url=settings.media_base_url,
        hears_redis=lambda: backend.hears,
        webhook_seal=Seal(settings.webhook_keys) if settings.webhook_keys else None,
        allows_plain_webhooks=settings.webhook_allow_http,
    )
    watch = SessionWatch(graph, settings.session_check_s)
    login = SocketLogin(tokens, Seats(settings.sockets_per_user), watch)
    executor = Executor(build_schema(), services, introspection=settings.introspection)

    warm_up = WarmUp(executor, settings.warm_up_s)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        async with graph, broadcast, watch, limit, warm_up:
            yield
            await bell.aclose()
        await asyncio.to_thread(uploads.close)

    return Starlette(
        routes=[
            *_routes(settings, executor, tokens),
            *_probe_routes(graph, warm_up),
            *_live_routes(settings, executor, login),
            Route("/media/{key}", MediaEndpoint(storage).handle),
        ],
        middleware=_middleware(settings),
        lifespan=lifespan,
    )


def _routes(settings: AppSettings, executor: Executor, tokens: Tokens) -> list[BaseRoute]:
    explorers = (
        explorer_routes(settings.assets_dir)
        if settings.explorers and settings.assets_dir is not None
        else []
    )
    endpoint = GraphQLEndpoint(
        executor,
        tokens,
        max_body_bytes=settings.max_body_bytes,
        max_upload_bytes=settings.max_upload_bytes,
        explorer_url="/playground" if explorers else None,
    )
    return [
        Route("/graphql", endpoint.handle, methods=["GET", "POST"]),
        *explorers,
    ]


def _probe_routes(graph: AsyncGraph, warm_up: WarmUp) -> list[BaseRoute]:
    return [
        Route("/livez", livez),
        Route("/readyz", Readiness(graph, warm_up.over.is_set).handle),
        Route("/metrics", Metrics(graph).handle),
    ]


def _live_routes(settings: AppSettings, executor: Executor, login: SocketLogin) -> list[BaseRoute]:
    limits = SocketLimits(
        operation_count=settings.socket_operations,
        init_timeout_s=settings.socket_init_s,
        keep_alive_s=settings.socket_keep_alive_s,
        send_timeout_s=settings.socket_send_timeout_s,
    )
    origins = settings.allowed_origins
    socket = GraphQLSocket(executor, login, allowed_origins=origins, limits=limits)
    stream = StreamEndpoint(
        executor,
        login.by_header,
        allowed_origins=origins,
        limits=limits,
        max_body_bytes=settings.max_body_bytes,
    )
    return [WebSocketRoute("/graphql", socket), Route("/graphql/stream", stream)]


def _middleware(settings: AppSettings) -> list[Middleware]:
    named = Middleware(RequestIds)
    if not settings.allowed_origins:
        return [named]
    return [
        named,
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", HEADER, *PREFLIGHT_HEADERS],
            expose_headers=[HEADER],
        ),
    ]
