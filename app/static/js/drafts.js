/* What is typed into a form[data-draft] is kept in this browser until it is sent, and offered again when its user comes
   back to the form. Kept by user, form and tab: two tabs don't write over each other. Files can't be kept, passwords
   never are. Without storage nothing is kept, and everything else works. */
(function () {
  "use strict";
  var PREFIX = "tuntas.draft ";
  var KEPT_FOR = 7 * 24 * 60 * 60 * 1000;
  var PAUSE = 300;
  /* More rows than a form takes. */
  var MOST_ROWS = 200;

  var store;
  try {
    store = window.localStorage;
    store.getItem(PREFIX);
  } catch (error) {
    return;
  }
  var form = document.querySelector("form[data-draft]");

  function read(key) {
    try {
      return JSON.parse(store.getItem(key));
    } catch (error) {
      return null;
    }
  }

  function keys(beginning) {
    return Object.keys(store).filter(function (key) { return key.indexOf(beginning) === 0; });
  }

  function drop(key) { store.removeItem(key); }

  /* The old ones go, whoever wrote them; so do those that were sent, which the page after the sending names. */
  keys(PREFIX).forEach(function (key) {
    var draft = read(key);
    if (!draft || !(Date.now() - draft.at < KEPT_FOR)) {
      drop(key);
    }
  });
  document.querySelectorAll("[data-draft-sent]").forEach(function (sent) {
    drop(PREFIX + sent.getAttribute("data-draft-sent"));
  });

  /* Signing out drops all of the user's. Whoever types on instead begins anew. */
  var dropped = false;
  document.addEventListener("submit", function (event) {
    var sent = event.target.closest("[data-sign-out]");
    if (sent) {
      dropped = true;
      keys(PREFIX + sent.getAttribute("data-sign-out") + " ").forEach(drop);
    }
  });

  if (!form) {
    return;
  }
  var offer = document.querySelector("[data-draft-offer]");
  var place = PREFIX + form.getAttribute("data-draft-user") + " " + form.getAttribute("data-draft") + " ";
  var own = place + tab();
  var waiting = 0;
  /* A form that came back refused has typing in it that was never taken. */
  var unsent = form.hasAttribute("data-draft-refused");
  var leaving = false;
  var untouched = unsent ? "" : JSON.stringify(written());

  function chance() { return Math.random().toString(36).slice(2, 12); }

  function tab() {
    var known = window.sessionStorage.getItem(PREFIX);
    if (!known) {
      known = chance();
      window.sessionStorage.setItem(PREFIX, known);
    }
    return known;
  }

  function controls() {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && !one.hasAttribute("data-undrafted") && ["hidden", "file", "password", "submit", "button", "reset"].indexOf(one.type) === -1;
    });
  }

  function ticked(one) { return one.type === "checkbox" || one.type === "radio"; }

  /* What is in the form: name, and what a box stands for or what is written; of a file that is kept (uploads.js) also
     what it is. */
  function written() {
    return controls().map(function (one) {
      if (one.hasAttribute("data-kept")) {
        return [one.name, one.value, one.checked, one.getAttribute("data-kept")];
      }
      return ticked(one) ? [one.name, one.value, one.checked] : [one.name, one.value];
    });
  }

  /* Blank rows that were added say nothing. */
  function telling(answers) {
    return JSON.stringify(answers.filter(function (one) { return one.length > 2 ? one[2] : one[1] !== ""; })
      .map(function (one) { return one.slice(0, 3); }));
  }

  function keep() {
    window.clearTimeout(waiting);
    waiting = 0;
    if (!unsent || dropped) {
      return;
    }
    var draft = { at: Date.now(), version: form.getAttribute("data-draft-version"), answers: written() };
    try {
      store.setItem(own, JSON.stringify(draft));
    } catch (error) {
      /* No room: the warning on leaving remains. */
    }
  }

  function typed() {
    dropped = false;
    var changed = JSON.stringify(written()) !== untouched;
    if (unsent && !changed) {
      drop(own);
    }
    unsent = changed;
    if (!waiting) {
      waiting = window.setTimeout(keep, PAUSE);
    }
  }

  /* A control by its name and, of boxes with the same name, what it stands for; rows that are lacking are added. */
  function control(name, value) {
    var row = /^(.+)-\d+-[^-]+$/.exec(name);
    var more = row && form.querySelector('[data-add-row="#field-' + row[1] + '-rows"]');
    for (var tries = 0; more && !form.elements.namedItem(name) && tries < MOST_ROWS; tries += 1) {
      more.click();
    }
    return controls().filter(function (one) {
      return one.name === name && (!ticked(one) || one.value === value);
    })[0];
  }

  function fill(answers) {
    answers.forEach(function (answer) {
      var one = control(answer[0], answer[1]);
      if (!one && answer[3] && answer[2]) {
        document.dispatchEvent(new CustomEvent("tuntas:kept", { detail: { ticket: answer[1], said: JSON.parse(answer[3]) } }));
        return;
      }
      if (!one) {
        return;
      }
      if (ticked(one)) {
        one.checked = answer[2];
      } else {
        one.value = answer[1];
      }
      /* Whatever depends on the answer follows, as if it had been given by hand. */
      ["input", "change"].forEach(function (kind) { one.dispatchEvent(new Event(kind, { bubbles: true })); });
    });
  }

  function moment(at) {
    var then = new Date(at);
    var language = document.documentElement.lang;
    var time = then.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
    var today = then.toDateString() === new Date().toDateString();
    return today ? time : then.toLocaleDateString(language, { day: "numeric", month: "long" }) + " " + time;
  }

  /* The tab's own draft, else the newest that another tab has left; none that says what the form says already. */
  function find() {
    var mine = keys(place).filter(function (key) {
      var draft = read(key);
      return Array.isArray(draft.answers) && telling(draft.answers) !== telling(written());
    });
    mine.sort(function (one, other) { return read(other).at - read(one).at; });
    return mine.indexOf(own) === -1 ? mine[0] : own;
  }

  /* Until its user has chosen, what is typed meanwhile must not take the place of what is offered. */
  function putAside(key) {
    var aside = place + chance();
    store.setItem(aside, store.getItem(key));
    drop(key);
    return aside;
  }

  function propose() {
    var found = find();
    if (!found) {
      return;
    }
    var draft = read(found);
    var aside = putAside(found);
    var said = offer.querySelector("[data-draft-said]");
    said.textContent = said.getAttribute("data-draft-said").replace("{time}", moment(draft.at));
    offer.querySelector("[data-draft-changed]").hidden = draft.version === form.getAttribute("data-draft-version");
    offer.addEventListener("click", function (event) {
      if (event.target.closest("[data-draft-use]")) {
        fill(draft.answers);
        keep();
      } else if (!event.target.closest("[data-draft-discard]")) {
        return;
      }
      drop(aside);
      offer.hidden = true;
      form.querySelector("input:not([type=hidden]), select, textarea").focus();
    });
    offer.hidden = false;
  }

  function nameDraft() {
    var value = own.slice(PREFIX.length);
    var there = Array.prototype.some.call(form.elements, function (one) {
      return one.name === "_draft" && one.value === value;
    });
    if (!there) {
      var name = document.createElement("input");
      name.type = "hidden";
      name.name = "_draft";
      name.value = value;
      form.appendChild(name);
    }
  }

  nameDraft();
  propose();
  keep();
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  document.addEventListener("visibilitychange", keep);
  window.addEventListener("pagehide", keep);
  window.addEventListener("storage", function (event) {
    if (event.key === own && event.newValue === null) {
      dropped = true;
    }
  });
  document.addEventListener("submit", function (event) {
    leaving = !event.defaultPrevented;
  });
  window.addEventListener("pageshow", function () { leaving = false; });
  window.addEventListener("beforeunload", function (event) {
    if (unsent && !leaving) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
})();
