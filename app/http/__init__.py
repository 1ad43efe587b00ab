"""GraphQL over HTTP, explorers and health."""
