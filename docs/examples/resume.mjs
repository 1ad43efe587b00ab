// Makes a client go on where it stood after a lost connection, without loss or repeat.
//
// For clients of graphql-ws and graphql-sse, and whatever is built on them (Apollo, urql, Relay):
// they subscribe anew by themselves, with the variables of their first time. A subscription whose
// document takes `$after: ID` and selects `eventId` is asked for from its last event instead.
// `iterate` stays what it was: `follow.mjs` shows how to go on with that.

export function resuming(client) {
  return {
    ...client,
    subscribe(request, sink) {
      const variables = { ...request.variables };
      const next = (result) => {
        sink.next(result);
        // Only what the sink has taken counts: what it throws at comes again.
        const [event] = Object.values(result.data ?? {});
        if (event?.eventId) variables.after = event.eventId;
      };
      return client.subscribe({ ...request, variables }, { ...sink, next });
    },
  };
}
