// Whoever logs in (or signs up, or refreshes) in one tab of an explorer is logged in in all of
// them: the token is added to requests that bring none of their own, over HTTP and WebSocket.
// It lives as long as this browser tab.
(function () {
  var KEY = "nexus.accessToken";
  var plainFetch = window.fetch.bind(window);
  var sockets = new Set();
  var plainSend = window.WebSocket.prototype.send;

  function remember(body) {
    var data = (body && body.data) || {};
    Object.keys(data).forEach(function (field) {
      var token = data[field] && data[field].accessToken;
      if (typeof token === "string") logIn(token);
    });
  }

  // Sockets that were opened as somebody else are closed; their clients open new ones when they
  // subscribe the next time.
  function logIn(token) {
    window.sessionStorage.setItem(KEY, token);
    sockets.forEach(function (socket) { socket.close(); });
    sockets.clear();
  }

  // The address bar of an explorer takes any server; only our own gets the token.
  function isOurs(resource) {
    var url = new URL(resource.url || resource, window.location.href);
    return url.host === window.location.host;
  }

  function bearer() {
    var token = window.sessionStorage.getItem(KEY);
    return token ? "Bearer " + token : null;
  }

  window.fetch = function (resource, options) {
    var headers = new Headers((options && options.headers) || {});
    if (isOurs(resource) && bearer() && !headers.has("authorization")) headers.set("authorization", bearer());
    return plainFetch(resource, Object.assign({}, options, { headers: headers })).then(read);
  };

  // Read here and handed on as a copy: explorers abort what they have read, and a clone with it.
  function read(response) {
    var type = response.headers.get("content-type") || "";
    if (type.indexOf("json") < 0) return response;
    return response.text().then(function (text) {
      try {
        remember(JSON.parse(text));
      } catch (error) {
        // The explorer shows what is wrong with it.
      }
      return new Response(text, {
        status: response.status,
        statusText: response.statusText,
        headers: response.headers,
      });
    });
  }

  window.WebSocket.prototype.send = function (frame) {
    try {
      var message = JSON.parse(frame);
      if (message.type === "connection_init") {
        var payload = Object.assign({}, message.payload);
        var own = Object.keys(payload).some(function (name) {
          return name.toLowerCase() === "authorization";
        });
        if (isOurs(this.url) && bearer() && !own) payload.authorization = bearer();
        sockets.add(this);
        frame = JSON.stringify(Object.assign({}, message, { payload: payload }));
      }
    } catch (error) {
      // Not JSON, so not ours: it goes as it is.
    }
    return plainSend.call(this, frame);
  };
})();
