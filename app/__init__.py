"""The API: GraphQL over HTTP and WebSocket."""
