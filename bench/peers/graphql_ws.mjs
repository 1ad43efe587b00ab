// graphql-ws on ws, with events from a timer in the process: `node graphql_ws.mjs PORT`.
//
// Beside it on stdin: the first line is the schema as a JSON string, the next an event as JSON
// whose comment's text is to be numbered, each further one `FIRST COUNT RATE`, which sends events
// and prints their times as a JSON object by number, in seconds since 1970 UTC.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

const schema = buildSchema(JSON.parse(await next()));
const template = JSON.parse(await next());
const subscribers = new Set();

// One subscriber's events: what was published since it last asked, then what comes.
async function* listen() {
  const waiting = [];
  let wake = () => {};
  const take = (event) => {
    waiting.push(event);
    wake();
  };
  subscribers.add(take);
  try {
    while (true) {
      while (waiting.length) yield waiting.shift();
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    subscribers.delete(take);
  }
}

function publish(number) {
  const event = { ...template, eventId: `e_${number}` };
  event.comment = { ...template.comment, text: `n${number}` };
  for (const take of subscribers) take(event);
}

schema.getSubscriptionType().getFields().commentAdded.subscribe = listen;
schema.getSubscriptionType().getFields().commentAdded.resolve = (event) => event;

const http = createServer();
useServer({ schema }, new WebSocketServer({ server: http, path: '/graphql' }));
await new Promise((done) => http.listen(Number(process.argv[2]), '127.0.0.1', 1024, done));
console.log('ready');

for (let order = await next(); order; order = await next()) {
  const [first, count, rate] = order.split(' ').map(Number);
  const start = now();
  const times = {};
  for (let i = 0; i < count; i++) {
    await sleep(Math.max(0, start + i / rate - now()));
    times[first + i] = now();
    publish(first + i);
  }
  console.log(JSON.stringify(times));
}
process.exit(0);
