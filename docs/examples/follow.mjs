// Shows a conversation and what is said in it, whatever happens to the line in between.
//
//   npm install graphql graphql-ws
//   NEXUS_TOKEN=<accessToken> NEXUS_POST=<id> node follow.mjs     (Node 22 or newer)
import { createClient } from "graphql-ws";

const url = process.env.NEXUS_URL ?? "http://localhost:8000/graphql";
const postId = process.env.NEXUS_POST;
// Programs that run longer than a token trade their refresh token here, for each connection.
const authorization = () => `Bearer ${process.env.NEXUS_TOKEN}`;

const CURSOR = "{ streamCursor }";
const PAGE = `query ($postId: ID!) {
  post(id: $postId) { thread { nodes { comment { id text author { username } } } } }
}`;
const NEW_COMMENTS = `subscription ($postId: ID!, $after: ID) {
  commentAdded(postId: $postId, after: $after) {
    ... on CommentAdded { eventId comment { id text author { username } } }
    ... on StreamGap { eventId }
  }
}`;

// This program connects anew by itself, because it alone knows what it has shown.
const client = createClient({
  url: url.replace(/^http/, "ws"),
  connectionParams: () => ({ authorization: authorization() }),
  retryAttempts: 0,
  on: { connected: () => (pause = 100) },
});
let pause = 100;

async function ask(query, variables) {
  const headers = { "content-type": "application/json", authorization: authorization() };
  const body = JSON.stringify({ query, variables });
  const response = await fetch(url, { method: "POST", headers, body });
  const { data, errors } = await response.json();
  if (errors) throw errors;
  return data;
}

function show({ text, author }) {
  console.log(author ? `${author.username}: ${text}` : "(removed)");
}

/** Shows the conversation as it is now; gives the ids of its comments. */
async function showPage() {
  const { post } = await ask(PAGE, { postId });
  if (!post) throw [{ message: "There is no such post, or you may not see it." }];
  const comments = post.thread.nodes.map(({ comment }) => comment);
  console.log(`-- ${comments.length} comments`);
  comments.forEach(show);
  return new Set(comments.map(({ id }) => id));
}

/** Whether another try cannot help: the operation was refused, or the connection. */
function isFinal(error) {
  return Array.isArray(error) || [4400, 4401, 4403, 4406, 4409, 4429].includes(error.code);
}

async function follow() {
  // First the position, then the page: what is said between the two is told as an event, too.
  let { streamCursor: after } = await ask(CURSOR);
  let page = await showPage();
  for (;;) {
    try {
      const variables = { postId, after };
      for await (const { data, errors } of client.iterate({ query: NEW_COMMENTS, variables })) {
        if (errors) throw errors;
        const { eventId, comment } = data.commentAdded;
        if (!comment) page = await showPage(); // a gap: what was missed is not kept any more
        else if (!page.has(comment.id)) show(comment);
        after = eventId;
      }
    } catch (error) {
      if (isFinal(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * pause));
    pause = Math.min(2 * pause, 30_000);
  }
}

try {
  await follow();
} catch (error) {
  console.error(error[0]?.message ?? error.reason ?? error);
  process.exit(1);
}
