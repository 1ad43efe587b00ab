// graphql-ws 6: `graphql-transport-ws`.
import { createClient } from "graphql-ws";

import { resuming } from "./resume.mjs";
import { ask, listen, pause, play, socketUrl } from "./story.mjs";

function open(token) {
  const client = resuming(
    createClient({
      url: socketUrl,
      connectionParams: () => ({ authorization: `Bearer ${token}` }),
      shouldRetry: ({ code }) => code !== 4403,
      retryWait: pause,
    }),
  );
  return {
    ask: (...what) => ask(client, ...what),
    listen: (...what) => listen(client, ...what),
    close: () => client.dispose(),
  };
}

await play(open, ({ code, reason }) => [code, reason]);
