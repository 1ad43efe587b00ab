// subscriptions-transport-ws 0.11: the legacy `graphql-ws`.
import { SubscriptionClient } from "subscriptions-transport-ws";

import { play, socketUrl } from "./story.mjs";

function open(token) {
  let refused;
  const client = new SubscriptionClient(socketUrl, {
    lazy: true,
    reconnect: true,
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    connectionCallback: (error) => error && refused(error), // its operations are not told
  });
  return {
    ask: (query, variables) =>
      new Promise((resolve, reject) => {
        client.request({ query, variables }).subscribe({
          next: ({ data, errors }) => (errors ? reject(errors) : resolve(data)),
          error: reject,
        });
      }),
    listen: (query, variables, next, fail) => {
      refused = fail;
      // It subscribes anew with the same object of variables.
      const { unsubscribe } = client.request({ query, variables }).subscribe({
        next: ({ data }) => {
          next(data);
          variables.after = Object.values(data)[0].eventId;
        },
        error: fail,
      });
      return unsubscribe;
    },
    close: () => client.close(),
  };
}

await play(open, ({ message }) => [message]);
