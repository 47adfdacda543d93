/* The bell: unfolds the latest notices and asks every minute whether there are new ones, while somebody looks.
   Without script it is a link to the list. */
(function () {
  "use strict";

  var EVERY = 60000;
  var bell = document.querySelector("[data-bell]");
  if (!bell || !window.fetch) {
    return;
  }
  var button = bell.querySelector(".bell-button");
  var count = bell.querySelector(".bell-count");
  var menu = bell.querySelector("[data-bell-menu]");

  /* What we ask by ourselves is marked, so that it does not keep a forgotten session alive. */
  function ask(url) {
    return fetch(url, { credentials: "same-origin", headers: { "X-Unattended": "1" }, redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer;
      });
  }

  function refresh() {
    return ask(bell.getAttribute("data-count-url")).then(function (answer) { return answer.json(); })
      .then(function (told) {
        count.textContent = told.short;
        count.hidden = !told.unread;
        button.setAttribute("aria-label", told.label);
      });
  }

  function unfold() {
    return ask(bell.getAttribute("data-latest-url")).then(function (answer) { return answer.text(); })
      .then(function (html) { menu.innerHTML = html; });
  }

  function isOpen() { return bell.classList.contains("open"); }

  function show(open) {
    bell.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
  }

  button.setAttribute("role", "button");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", function (event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    if (isOpen()) {
      show(false);
      return;
    }
    unfold().then(function () {
      show(true);
      menu.focus();
    }, function () { window.location.assign(button.href); });
  });
  button.addEventListener("keydown", function (event) {
    if (event.key === " ") {
      event.preventDefault();
      button.click();
    }
  });
  document.addEventListener("click", function (event) {
    if (isOpen() && !bell.contains(event.target)) {
      show(false);
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && isOpen()) {
      show(false);
      button.focus();
    }
  });

  /* "Mark all as read" under the bell leaves the page as it is. */
  menu.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-bell-read")) {
      return;
    }
    event.preventDefault();
    fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return Promise.all([unfold(), refresh()]);
      })
      .then(function () { menu.focus(); }, function () { HTMLFormElement.prototype.submit.call(form); });
  });

  var stop = 0;
  function again() {
    if (document.visibilityState === "visible") {
      /* Signed out, or the server is away: the next page will tell. */
      refresh().catch(function () { window.clearInterval(stop); });
    }
  }
  stop = window.setInterval(again, EVERY);
  document.addEventListener("visibilitychange", again);
})();
