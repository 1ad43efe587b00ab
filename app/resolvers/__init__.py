"""Resolvers: thin, one module for each noun; below the roots nothing does I/O."""

from typing import Final

from ariadne import SchemaBindable

from app.resolvers import (
    accounts,
    admin,
    analytics,
    bookmarks,
    comments,
    interactions,
    live_stats,
    media,
    moderation,
    nodes,
    notifications,
    posts,
    scalars,
    search,
    tags,
    users,
    webhooks,
)

BINDABLES: Final[list[SchemaBindable]] = [
    *scalars.BINDABLES,
    *accounts.BINDABLES,
    *users.BINDABLES,
    *posts.BINDABLES,
    *bookmarks.BINDABLES,
    *comments.BINDABLES,
    *interactions.BINDABLES,
    *live_stats.BINDABLES,
    *nodes.BINDABLES,
    *notifications.BINDABLES,
    *webhooks.BINDABLES,
    *media.BINDABLES,
    *moderation.BINDABLES,
    *admin.BINDABLES,
    *tags.BINDABLES,
    *search.BINDABLES,
    *analytics.BINDABLES,
]
