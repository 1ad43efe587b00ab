// graphql-ws 6 with its own rules for coming back, and a token that expires while it listens.
import { createClient } from "graphql-ws";

import { resuming } from "./resume.mjs";
import { socketUrl } from "./story.mjs";

const LISTEN = `subscription ($postId: ID!, $after: ID) {
  commentAdded(postId: $postId, after: $after) {
    ... on CommentAdded { eventId comment { text } }
    ... on StreamGap { eventId }
  }
}`;
const tell = (line) => console.log(JSON.stringify(line));
const tokens = [process.env.NEXUS_SHORT, process.env.NEXUS_TOKEN];

const client = createClient({
  url: socketUrl,
  connectionParams: () => ({ authorization: `Bearer ${tokens.shift()}` }),
  on: { closed: ({ code, reason }) => tell({ closed: [code, reason] }) },
});
resuming(client).subscribe(
  { query: LISTEN, variables: { postId: process.env.NEXUS_POST, after: process.env.NEXUS_AFTER } },
  {
    next: ({ data }) => tell({ heard: data.commentAdded.comment?.text ?? "gap" }),
    error: (error) => tell({ failed: String(error) }),
    complete: () => tell({ completed: true }),
  },
);
