/* The palette: [data-palette] is its dialog, shut. Ctrl+K opens it over pages, cases and the steps of the case at hand;
   the event "palette" with a kind of entry in its detail opens it over those alone. What is found the server answers as
   the part of a page that is to stand there; of several answers the one to the last question counts. */
(function () {
  "use strict";
  var PAUSE = 90;
  /* The list that was opened last in this browser. */
  var LIST = "tuntas.list";

  var dialog = document.querySelector("[data-palette]");
  if (!dialog || !dialog.showModal || !window.fetch) {
    return;
  }
  var input = dialog.querySelector("input");
  var found = dialog.querySelector("[role=listbox]");
  var only = "";
  var asked = 0;
  var answered = 0;
  var timer = 0;
  /* Enter was pressed before the answer came. */
  var going = false;

  function remembered() {
    try {
      return window.localStorage.getItem(LIST);
    } catch (error) {
      return null;
    }
  }

  if (/^\/\w+\/$/.test(window.location.pathname)) {
    try {
      window.localStorage.setItem(LIST, window.location.pathname);
    } catch (error) {
      /* no room, or none wanted: the first list is offered */
    }
  }

  function options() { return Array.from(found.querySelectorAll("a[role=option]")); }

  function chosen() { return found.querySelector("[aria-selected=true]"); }

  function choose(option) {
    var before = chosen();
    if (before) {
      before.setAttribute("aria-selected", "false");
    }
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function go() {
    var option = chosen();
    going = answered !== asked;
    if (option && !going) {
      option.click();
    }
  }

  function show(html) {
    found.innerHTML = html;
    var all = options();
    var last = only === "lists" && !input.value && remembered();
    choose(all.filter(function (one) { return one.getAttribute("href") === last; })[0] || all[0]);
    if (going || (only && !input.value && all.length === 1)) {
      go();
    }
  }

  function ask() {
    window.clearTimeout(timer);
    var turn = asked;
    var question = new URLSearchParams({ q: input.value, at: window.location.pathname, only: only });
    window.fetch(dialog.getAttribute("data-palette") + "?" + question, { credentials: "same-origin", redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.text();
      })
      .then(function (html) {
        if (turn === asked && dialog.open) {
          answered = turn;
          show(html);
        }
      })
      /* Signed out, or the server is away: the page says it better than we can. */
      .catch(function () {
        if (turn === asked && going) {
          window.location.reload();
        }
      });
  }

  function open(kind) {
    only = kind || "";
    going = false;
    input.value = "";
    found.textContent = "";
    input.removeAttribute("aria-activedescendant");
    if (!dialog.open) {
      dialog.showModal();
    }
    input.focus();
    asked += 1;
    ask();
  }

  input.addEventListener("input", function () {
    asked += 1;
    going = false;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  });

  input.addEventListener("keydown", function (event) {
    var all = options();
    var at = all.indexOf(chosen());
    var step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step && all.length) {
      choose(all[Math.abs(step) === 1 ? (at + step + all.length) % all.length : Math.max(0, Math.min(all.length - 1, at + step))]);
      event.preventDefault();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      go();
    }
  });

  /* A click beside it puts it away. */
  dialog.addEventListener("click", function (event) {
    if (event.target === dialog) {
      dialog.close();
    } else if (event.target.closest("a")) {
      window.setTimeout(function () { dialog.close(); }, 0);
    }
  });
  document.addEventListener("palette", function (event) { open(event.detail); });
  document.addEventListener("keydown", function (event) {
    var palette = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    if (palette && !event.defaultPrevented) {
      event.preventDefault();
      if (dialog.open) {
        dialog.close();
      } else {
        open("");
      }
    }
  });
})();
