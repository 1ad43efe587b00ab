// Whoever logs in (or signs up, or refreshes) in one tab of an explorer is logged in in all of
// them: the token is added to requests that bring none of their own, over HTTP and WebSocket.
// It lives as long as this browser tab.
(function () {
  var KEY = "nexus.accessToken";
  var plainFetch = window.fetch.bind(window);
  var plainSend = window.WebSocket.prototype.send;

  function remember(body) {
    var data = (body && body.data) || {};
    Object.keys(data).forEach(function (field) {
      var token = data[field] && data[field].accessToken;
      if (typeof token === "string") window.sessionStorage.setItem(KEY, token);
    });
  }

  function bearer() {
    var token = window.sessionStorage.getItem(KEY);
    return token ? "Bearer " + token : null;
  }

  window.fetch = function (resource, options) {
    var headers = new Headers((options && options.headers) || {});
    if (bearer() && !headers.has("authorization")) headers.set("authorization", bearer());
    var asked = plainFetch(resource, Object.assign({}, options, { headers: headers }));
    asked
      .then(function (response) { return response.clone().json(); })
      .then(remember)
      .catch(function () {});
    return asked;
  };

  window.WebSocket.prototype.send = function (frame) {
    try {
      var message = JSON.parse(frame);
      if (message.type === "connection_init") {
        var payload = Object.assign({}, message.payload);
        var own = Object.keys(payload).some(function (name) {
          return name.toLowerCase() === "authorization";
        });
        if (bearer() && !own) payload.authorization = bearer();
        frame = JSON.stringify(Object.assign({}, message, { payload: payload }));
      }
    } catch (error) {
      // Not JSON, so not ours: it goes as it is.
    }
    return plainSend.call(this, frame);
  };
})();
