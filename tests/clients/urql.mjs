// urql, with graphql-ws for subscriptions, as it is commonly set up. Given `enableAllOperations`, it
// ends queries from within `next`, which graphql-ws 6.4 may count twice; once it counts no user of
// a socket that is in use, it does not connect again.
import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";

import { resuming } from "./resume.mjs";
import { pause, play, socketUrl, url } from "./story.mjs";

function open(token) {
  const socket = createClient({
    url: socketUrl,
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    shouldRetry: ({ code }) => code !== 4403,
    retryWait: pause,
  });
  const resumed = resuming(socket);
  const client = new Client({
    url,
    preferGetMethod: false,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${token}` } }),
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: resumed.subscribe(request, sink) }),
        }),
      }),
      fetchExchange,
    ],
  });
  return {
    ask: async (document, variables) => {
      const send = document.startsWith("mutation") ? client.mutation : client.query;
      const { data, error } = await send.call(client, gql(document), variables).toPromise();
      if (error) throw error;
      return data;
    },
    listen: (document, variables, next, fail) => {
      const { unsubscribe } = client
        .subscription(gql(document), variables)
        .subscribe(({ data, error }) => (error ? fail(error) : next(data)));
      return unsubscribe;
    },
    close: () => socket.dispose(),
  };
}

await play(open, ({ networkError: { code, reason } }) => [code, reason]);
