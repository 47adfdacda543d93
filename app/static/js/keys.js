/* What single keys do, for hands that stay on the keyboard; every page works without. The help ("?") lists them:
   panel/palette/keys_list.html. None does anything while somebody types, or with Ctrl, Alt or the like; whoever wants can
   switch them off in their browser. A row is whatever has [data-row]; the current one has the focus in its link. */
(function () {
  "use strict";
  var OFF = "tuntas.keys.off";
  /* Between the first and the second key of a pair, ms. */
  var PAIR = 1500;
  var NO_TEXT = ["button", "checkbox", "radio", "submit", "reset", "file", "range", "color", "image"];
  var CASE = /^\/\w+\/\d+(\/|$)/;

  var palette = document.querySelector("[data-palette]");
  if (!palette) {
    return;
  }
  var pages = palette.getAttribute("data-palette");
  var current = null;
  var before = 0;

  function isOff() {
    try {
      return window.localStorage.getItem(OFF) === "1";
    } catch (error) {
      return false;
    }
  }

  function types(element) {
    if (!element || !element.tagName) {
      return false;
    }
    if (element.tagName === "INPUT") {
      return NO_TEXT.indexOf(element.type) === -1;
    }
    return element.isContentEditable || ["TEXTAREA", "SELECT"].indexOf(element.tagName) !== -1;
  }

  function rows() {
    return Array.from(document.querySelectorAll("main [data-row]")).filter(function (row) { return row.offsetParent; });
  }

  function rowAtHand() {
    var focused = document.activeElement && document.activeElement.closest("[data-row]");
    return focused || (current && document.contains(current) ? current : null);
  }

  function linkOf(row) { return row.querySelector("a.number[href]") || row.querySelector("a[href]"); }

  function move(by) {
    var all = rows();
    if (!all.length) {
      return;
    }
    var at = all.indexOf(rowAtHand());
    var row = all[at === -1 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    if (current) {
      current.classList.remove("current-row");
    }
    current = row;
    row.classList.add("current-row");
    var link = linkOf(row);
    if (link) {
      link.focus({ preventScroll: true });
    }
    row.scrollIntoView({ block: "nearest" });
  }

  function select() {
    var row = rowAtHand();
    var box = row && row.querySelector("input[type=checkbox]:not(:disabled)");
    if (box) {
      box.click();
    }
  }

  function search() {
    var box = document.getElementById("topbar-q");
    if (box && !box.offsetParent) {
      document.querySelector(".burger[data-menu]").click();
    }
    if (box) {
      box.focus();
      box.select();
    }
  }

  function choose(kind) { document.dispatchEvent(new CustomEvent("palette", { detail: kind })); }

  function create() {
    var links = Array.from(document.querySelectorAll('main a[href$="/new"]'));
    var one = new Set(links.map(function (link) { return link.href; })).size === 1;
    if (one) {
      window.location.assign(links[0].href);
    } else {
      choose("new");
    }
  }

  function repeat() {
    var row = rowAtHand();
    var link = row && linkOf(row);
    var at = link ? new URL(link.href).pathname : window.location.pathname;
    if (CASE.test(at)) {
      window.location.assign(pages + "repeat?at=" + encodeURIComponent(at));
    }
  }

  var help = null;
  function explain() {
    fetch(pages + "keys?part=1", { credentials: "same-origin", redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.text();
      })
      .then(function (html) {
        if (!help) {
          help = document.createElement("dialog");
          help.className = "keys-dialog";
          help.setAttribute("aria-labelledby", "keys-title");
          document.body.appendChild(help);
        }
        help.innerHTML = html;
        offerChoice(help);
        if (!help.open) {
          help.showModal();
        }
      })
      .catch(function () { window.location.assign(pages + "keys"); });
  }

  /* The switch, in the dialog and on the page of the help. */
  function offerChoice(place) {
    var choice = place.querySelector("[data-keys-choice]");
    if (!choice) {
      return;
    }
    choice.hidden = false;
    var box = choice.querySelector("[data-keys-off]");
    box.checked = isOff();
    box.addEventListener("change", function () {
      try {
        window.localStorage.setItem(OFF, box.checked ? "1" : "0");
      } catch (error) {
        box.checked = isOff();
      }
    });
  }

  /* The button that a form is sent by as a rule. */
  function send(form) {
    var button = form.querySelector("[type=submit].btn-primary, [type=submit].btn-danger") || form.querySelector("[type=submit]");
    if (button) {
      form.requestSubmit(button);
    } else {
      form.requestSubmit();
    }
  }

  var KEYS = {
    "/": search,
    "?": explain,
    c: create,
    r: repeat,
    x: select,
    j: function () { move(1); },
    k: function () { move(-1); }
  };
  var PAIRS = {
    t: function () { window.location.assign(palette.getAttribute("data-worklist")); },
    k: function () { choose("lists"); }
  };

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || event.altKey) {
      return;
    }
    var active = document.activeElement;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !event.repeat) {
      var form = active && (active.form || active.closest("form"));
      if (form && form.method !== "dialog") {
        event.preventDefault();
        send(form);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || types(event.target) || document.querySelector("dialog[open]") || isOff()) {
      return;
    }
    var second = Date.now() - before < PAIR;
    before = 0;
    if (event.key === "g" && !event.repeat) {
      before = Date.now();
      return;
    }
    var does = second ? PAIRS[event.key] : KEYS[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  });

  document.addEventListener("focusin", function (event) {
    var row = event.target.closest("[data-row]");
    if (current && row && row !== current) {
      current.classList.remove("current-row");
      current = row;
    }
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-keys-help]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      explain();
    }
  });
  offerChoice(document);
})();
