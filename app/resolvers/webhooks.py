"""Webhooks."""

from typing import Any

from ariadne import MutationType, QueryType

from app.context import Info
from app.payloads import Payload, payload
from graph import webhooks
from graph.errors import Conflict
from graph.projection import Row

query = QueryType()
mutation = MutationType()


@query.field("webhooks")
async def resolve_webhooks(_: Any, info: Info) -> list[Row]:
    """Read the viewer's webhooks."""
    return await info.context.run(webhooks.read_webhooks(info.context.viewer))


@mutation.field("registerWebhook")
@payload
async def resolve_register_webhook(_: Any, info: Info, **arguments: Any) -> Payload:
    """Register a webhook, and give its secret this once.

    Raises:
        Conflict: There is nothing to seal its secret with.
    """
    viewer, services = info.context.viewer, info.context.services
    if services.webhook_seal is None:
        raise Conflict(
            "There are no webhooks here; whoever runs Nexus has to set NEXUS_WEBHOOK_KEY."
        )
    new = webhooks.NewWebhook.of(
        viewer,
        **arguments["input"],
        seal=services.webhook_seal.seal,
        allow_http=services.allows_plain_webhooks,
    )
    made = await info.context.run(webhooks.register_webhook(viewer, new))
    return {"webhook": made, "secret": new.secret}


@mutation.field("deleteWebhook")
@payload
async def resolve_delete_webhook(_: Any, info: Info, **arguments: Any) -> Payload:
    """Delete a webhook."""
    command = webhooks.delete_webhook(info.context.viewer, arguments["id"])
    return {"deleted_webhook_id": await info.context.run(command)}


BINDABLES = [query, mutation]
