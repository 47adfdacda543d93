/* Who else has this case open. The page tells every 20 seconds that it is there, as long as somebody looks at it; the
   answer names the others. Without an answer nothing is shown, and nothing else changes. */
(function () {
  "use strict";
  var EVERY = 20000;
  /* An abandoned page is nobody's presence; and one on which nothing moves keeps no session alive. */
  var IDLE = 600000;
  var GONE = [0, 400, 401, 403, 404];

  var note = document.querySelector("[data-presence]");
  if (!note || !window.fetch || !window.URLSearchParams) {
    return;
  }
  var timer = null;
  var ended = false;
  var active = Date.now();

  function said(other) {
    return other.doing ? other.name + " (" + note.dataset.step.replace("{step}", other.doing) + ")" : other.name;
  }

  function show(others) {
    var text = others.length ? note.dataset.open + " " + others.map(said).join(", ") : "";
    if (note.textContent !== text) {
      note.textContent = text;
    }
  }

  function stop() {
    window.clearInterval(timer);
    timer = null;
  }

  function tell() {
    var still = Date.now() - active;
    if (still > IDLE) {
      stop();
      show([]);
      return;
    }
    var headers = { "X-CSRFToken": note.dataset.token };
    if (still > EVERY) {
      headers["X-Unattended"] = "1";
    }
    window.fetch(note.dataset.presence, {
      method: "POST",
      body: new URLSearchParams({ doing: note.dataset.doing }),
      headers: headers,
      credentials: "same-origin",
      redirect: "manual"
    }).then(function (answer) {
      if (GONE.indexOf(answer.status) !== -1) {
        ended = true;
        stop();
        show([]);
      }
      return answer.ok ? answer.json() : null;
    }).then(function (told) {
      if (told && timer !== null) {
        show(told.others);
      }
    }).catch(function () { /* offline for a moment: the next one tells it */ });
  }

  /* Sent although the page is going: the others see it with their next question. */
  function leave() {
    stop();
    if (!ended && navigator.sendBeacon) {
      var told = new FormData();
      told.append("csrf_token", note.dataset.token);
      told.append("doing", note.dataset.doing);
      told.append("left", "1");
      navigator.sendBeacon(note.dataset.presence, told);
    }
  }

  function start() {
    if (timer === null && !ended && !document.hidden) {
      timer = window.setInterval(tell, EVERY);
      tell();
    }
  }

  ["keydown", "pointerdown", "pointermove", "scroll"].forEach(function (gesture) {
    document.addEventListener(gesture, function () {
      active = Date.now();
      start();
    }, { passive: true });
  });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) {
      stop();
    } else {
      active = Date.now();
      start();
    }
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      start();
    }
  });
  start();
})();
