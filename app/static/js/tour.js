/* The tour of the first visit: a card beside what it tells about. It is offered once, and begins by itself where the
   address says so (?tour=1). */
(function () {
  "use strict";

  var invitation = document.querySelector("[data-tour]");
  if (!invitation || !window.fetch) {
    return;
  }
  var key = "tuntas-tour-" + invitation.dataset.tourUser;
  var card = null;
  var stops = [];
  var at = 0;

  function seen() {
    try { return window.localStorage.getItem(key) !== null; } catch (refused) { return true; }
  }

  function remember() {
    try { window.localStorage.setItem(key, "1"); } catch (refused) { /* it is offered again */ }
  }

  function target(stop) {
    var found = document.querySelector(stop.dataset.stop);
    /* On a phone the menu is folded: then its button stands for what is in it. */
    return found && found.offsetParent !== null ? found : document.querySelector(".burger") || document.body;
  }

  function unmark() {
    document.querySelectorAll(".tour-here").forEach(function (one) { one.classList.remove("tour-here"); });
  }

  function show(next) {
    stops[at].hidden = true;
    at = next;
    var stop = stops[at];
    unmark();
    stop.hidden = false;
    var here = target(stop);
    here.classList.add("tour-here");
    here.scrollIntoView({ block: "nearest" });
    var box = here.getBoundingClientRect();
    var below = box.bottom + 12 + card.offsetHeight < window.innerHeight;
    card.style.top = Math.max(8, below ? box.bottom + 12 : window.innerHeight - card.offsetHeight - 12) + "px";
    card.style.left = Math.max(8, Math.min(box.left, window.innerWidth - card.offsetWidth - 8)) + "px";
    card.focus();
  }

  function end() {
    remember();
    unmark();
    invitation.hidden = true;
    if (card) {
      card.remove();
      card = null;
      document.getElementById("main").focus();
    }
  }

  function start() {
    fetch(invitation.dataset.tour, { credentials: "same-origin", redirect: "error" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status))); })
      .then(function (html) {
        invitation.hidden = true;
        card = document.createElement("div");
        card.className = "tour-card";
        card.setAttribute("role", "dialog");
        card.setAttribute("aria-label", invitation.getAttribute("aria-label"));
        card.tabIndex = -1;
        card.innerHTML = html;
        document.body.appendChild(card);
        stops = Array.from(card.querySelectorAll("[data-stop]"));
        show(0);
      })
      .catch(function () { invitation.hidden = true; });
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-tour-start]")) {
      start();
    } else if (event.target.closest("[data-tour-close]")) {
      end();
    } else if (card && event.target.closest("[data-tour-next]")) {
      show(at + 1);
    } else if (card && event.target.closest("[data-tour-back]")) {
      show(at - 1);
    }
  });
  document.addEventListener("keydown", function (event) {
    if (!card) {
      return;
    }
    if (event.key === "Escape") {
      end();
    } else if (event.key === "ArrowRight" && at + 1 < stops.length) {
      show(at + 1);
    } else if (event.key === "ArrowLeft" && at > 0) {
      show(at - 1);
    }
  });

  if (new URLSearchParams(window.location.search).get("tour") === "1") {
    start();
  } else if (invitation.hasAttribute("data-tour-new") && !seen()) {
    invitation.hidden = false;
  }
})();
