// What every client does, told by lines of JSON; a line from outside is the word to go on.
import { createInterface } from "node:readline";

export const url = process.env.NEXUS_URL;
export const socketUrl = url.replace(/^http/, "ws");

const WHO = "{ me { username } streamCursor }";
const SAY = `mutation ($postId: ID!) {
  createComment(input: { postId: $postId, text: "mine" }) { comment { text } userErrors { message } }
}`;
const LISTEN = `subscription ($postId: ID!, $after: ID) {
  commentAdded(postId: $postId, after: $after) {
    ... on CommentAdded { eventId comment { text author { username } } }
    ... on StreamGap { eventId }
  }
}`;
const WATCH = "subscription ($postId: ID!) { statsChanged(postId: $postId) { comments } }";
const COUNT = "query ($postId: ID!) { post(id: $postId) { stats { comments } } }";

const input = createInterface({ input: process.stdin });
const words = input[Symbol.asyncIterator]();
const word = () => words.next();
const tell = (line) => console.log(JSON.stringify(line));

/**
 * @param open Takes a token and gives a client: `ask(document, variables)` promises data,
 *   `listen(document, variables, next, fail)` gives a function that ends it, `close()` ends all.
 * @param refusal Says of an error what a client is told when its login is refused.
 */
export async function play(open, refusal) {
  const postId = process.env.NEXUS_POST;
  const stranger = open("not-a-token");
  const refused = new Promise((resolve) => stranger.listen(LISTEN, { postId }, tell, resolve));
  tell({ refused: refusal(await refused) });
  await stranger.close();

  const client = open(process.env.NEXUS_TOKEN);
  const { me, streamCursor } = await client.ask(WHO, {});
  tell({ me: me.username });
  const { createComment } = await client.ask(SAY, { postId });
  tell({ said: createComment.comment.text });

  const hear = ({ commentAdded: { comment } }) =>
    tell({ heard: comment ? `${comment.author.username}: ${comment.text}` : "gap" });
  const fail = (error) => tell({ failed: String(error) });
  const stop = client.listen(LISTEN, { postId, after: streamCursor }, hear, fail);
  await word();
  await stop();
  tell({ stopped: true });

  await word();
  const { post } = await client.ask(COUNT, { postId });
  tell({ comments: post.stats.comments });
  let unwatch;
  const watched = new Promise((resolve) => {
    unwatch = client.listen(WATCH, { postId }, resolve, fail);
  });
  tell({ watched: (await watched).statsChanged.comments });
  await unwatch();
  await client.close();
  input.close();
  process.stdin.destroy(); // nothing else may keep this process alive
}

/** Promises the data of an operation of a client whose `subscribe` takes a request and a sink. */
export function ask(client, query, variables) {
  return new Promise((resolve, reject) => {
    client.subscribe(
      { query, variables },
      {
        next: ({ data, errors }) => (errors ? reject(errors) : resolve(data)),
        error: reject,
        complete: () => {},
      },
    );
  });
}

/** Listens with such a client; gives what ends it. */
export function listen(client, query, variables, next, fail) {
  return client.subscribe(
    { query, variables },
    {
      next: ({ data, errors }) => (errors ? fail(errors) : next(data)),
      error: fail,
      complete: () => {},
    },
  );
}

/** Waits as long as is polite to a server in a test. */
export const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
