// graphql-sse: server-sent events, a request for each operation.
import { createClient } from "graphql-sse";

import { resuming } from "./resume.mjs";
import { ask, listen, pause, play, url } from "./story.mjs";

function open(token) {
  const client = resuming(
    createClient({
      url: `${url}/stream`,
      headers: () => ({ authorization: `Bearer ${token}` }),
      retry: pause,
    }),
  );
  return {
    ask: (...what) => ask(client, ...what),
    listen: (...what) => listen(client, ...what),
    close: () => client.dispose(),
  };
}

await play(open, ([{ message, extensions }]) => [extensions.code, message]);
