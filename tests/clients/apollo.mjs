// Apollo Client 4 with GraphQLWsLink.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";

import { resuming } from "./resume.mjs";
import { pause, play, socketUrl } from "./story.mjs";

function open(token) {
  const socket = createClient({
    url: socketUrl,
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    shouldRetry: ({ code }) => code !== 4403,
    retryWait: pause,
  });
  const client = new ApolloClient({
    link: new GraphQLWsLink(resuming(socket)),
    cache: new InMemoryCache({ possibleTypes: { CommentAddedEvent: ["CommentAdded", "StreamGap"] } }),
  });
  return {
    ask: async (document, variables) => {
      const operation = gql(document);
      const isMutation = operation.definitions[0].operation === "mutation";
      const { data } = isMutation
        ? await client.mutate({ mutation: operation, variables })
        : await client.query({ query: operation, variables });
      return data;
    },
    listen: (document, variables, next, fail) => {
      const events = client.subscribe({ query: gql(document), variables });
      const subscription = events.subscribe({
        next: ({ data, error }) => (error ? fail(error) : next(data)),
        error: fail,
      });
      return () => subscription.unsubscribe();
    },
    close: async () => {
      client.stop();
      await socket.dispose();
    },
  };
}

await play(open, ({ message }) => [message]);
