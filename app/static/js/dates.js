/* input[data-date]: separators come by themselves while digits are typed, what can be read is written out on leaving, and
   a button or the arrow down opens a month to choose from. The server reads what was typed either way. */
(function () {
  "use strict";
  var LENGTHS = { date: "00/00/0000", moment: "00/00/0000 00.00" };
  /* Between a day and a time. */
  var PARTS = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:,? +(\d{1,2})[:.](\d{2}))?$/;
  var ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2})[:.](\d{2}))?$/;
  var DIGITS = /^(\d{2})(\d{2})(\d{4})(?: ?(\d{2})[.:]?(\d{2}))?$/;

  function two(number) { return ("0" + number).slice(-2); }
  function day(at) { return two(at.getUTCDate()) + "/" + two(at.getUTCMonth() + 1) + "/" + at.getUTCFullYear(); }
  function key(at) { return at.toISOString().slice(0, 10); }

  /* The day as midnight in UTC, with the time as it was written; null when it is none. */
  function read(written) {
    var text = written.trim();
    var found = PARTS.exec(text);
    var numbers = found && [found[4], found[3], found[1], found[5], found[6]];
    if (!found && (found = ISO.exec(text))) {
      numbers = found.slice(1);
    } else if (!found && (found = DIGITS.exec(text))) {
      numbers = [found[3], found[2], found[1], found[4], found[5]];
    }
    if (!numbers) {
      return null;
    }
    var year = Number(numbers[0]) + (numbers[0].length === 4 ? 0 : Number(numbers[0]) < 70 ? 2000 : 1900);
    var at = new Date(Date.UTC(year, numbers[1] - 1, numbers[2]));
    var there = year >= 1900 && at.getUTCMonth() === numbers[1] - 1 && at.getUTCDate() === Number(numbers[2]);
    return there ? { day: at, time: numbers[3] === undefined ? "" : two(numbers[3]) + "." + numbers[4] } : null;
  }

  function isDate(element) { return element.matches && element.matches("input[data-date]"); }

  function put(input, value) {
    input.value = value;
    ["input", "change"].forEach(function (kind) { input.dispatchEvent(new Event(kind, { bubbles: true })); });
  }

  /* The separator that follows comes with the digit before it; another one typed instead takes its place. */
  document.addEventListener("input", function (event) {
    var input = event.target;
    if (!isDate(input) || event.inputType !== "insertText" || !event.data || event.data.length !== 1) {
      return;
    }
    var value = input.value;
    if (input.selectionStart !== value.length) {
      return;
    }
    var shape = LENGTHS[input.getAttribute("data-date")];
    if (/\d/.test(event.data)) {
      var next = shape.charAt(value.length);
      var fits = value.replace(/\d/g, "0") === shape.slice(0, value.length);
      if (/^\d\d\/\d\d$/.test(value) && Number(value.slice(3)) > 12) {
        input.value = value.replace("/", "");  /* It begins with the year. */
      } else if (fits && next && next !== "0") {
        input.value = value + next;
      }
    } else if (input.dataset.own && value === input.dataset.own + event.data) {
      input.value = value.slice(0, -2) + event.data;
    }
    input.dataset.own = /\D$/.test(input.value) && /\d/.test(event.data) ? input.value : "";
  });

  /* On leaving as well: what a script has written into an input is no change for a browser. */
  ["change", "focusout"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var input = event.target;
      var found = isDate(input) && read(input.value);
      if (found && (!found.time || input.getAttribute("data-date") === "moment")) {
        input.value = day(found.day) + (found.time ? " " + found.time : "");
      }
    }, true);
  });

  var template = document.getElementById("date-picker");
  if (!template || !window.HTMLDialogElement) {
    return;
  }
  var picker = null;
  var input = null;
  var shown = null;
  var marks = {};
  var language = document.documentElement.lang || "id";

  function words(at, options) {
    options.timeZone = "UTC";
    return new Intl.DateTimeFormat(language, options).format(at);
  }

  /* Today and the time now, where the organisation is. */
  function now() {
    var parts = {};
    new Intl.DateTimeFormat("en-GB", {
      timeZone: template.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
      hourCycle: "h23"
    }).formatToParts(new Date()).forEach(function (part) { parts[part.type] = part.value; });
    return { day: new Date(Date.UTC(parts.year, parts.month - 1, parts.day)), time: parts.hour + "." + parts.minute };
  }

  function moved(at, days, months) {
    var there = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
    var last = new Date(Date.UTC(there.getUTCFullYear(), there.getUTCMonth() + 1, 0)).getUTCDate();
    there.setUTCDate(months ? Math.min(at.getUTCDate(), last) : at.getUTCDate() + days);
    return there;
  }

  /* Monday is the first of a week. */
  function weekday(at) { return (at.getUTCDay() + 6) % 7; }

  function cell(at) {
    var button = document.createElement("button");
    var mark = marks[key(at)];
    button.type = "button";
    button.textContent = at.getUTCDate();
    button.tabIndex = key(at) === key(shown) ? 0 : -1;
    button.dataset.day = key(at);
    button.setAttribute("aria-label", words(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" }) +
      (mark ? ", " + mark.name : ""));
    if (mark) {
      button.title = mark.name;
      button.classList.toggle("off", mark.off);
    }
    button.classList.toggle("other", at.getUTCMonth() !== shown.getUTCMonth());
    button.classList.toggle("weekend", weekday(at) > 4);
    if (key(at) === key(now().day)) {
      button.setAttribute("aria-current", "date");
    }
    var chosen = read(input.value);
    if (chosen && key(chosen.day) === key(at)) {
      button.setAttribute("aria-pressed", "true");
    }
    return button;
  }

  function draw(keepFocus) {
    var body = picker.querySelector("tbody");
    var at = new Date(Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth(), 1));
    picker.querySelector("[data-month]").textContent = words(at, { month: "long", year: "numeric" });
    body.textContent = "";
    at = moved(at, -weekday(at), 0);
    for (var week = 0; week < 6; week += 1) {
      var row = body.insertRow();
      for (var nth = 0; nth < 7; nth += 1) {
        row.insertCell().appendChild(cell(at));
        at = moved(at, 1, 0);
      }
    }
    if (!keepFocus) {
      body.querySelector("[tabindex='0']").focus();
    }
    ask(key(shown).slice(0, 7));
  }

  /* Holidays of a month, once; without an answer nothing is marked. */
  var asked = {};
  function ask(month) {
    if (asked[month] || !template.dataset.marks) {
      return;
    }
    asked[month] = true;
    window.fetch(template.dataset.marks + "?month=" + month, { credentials: "same-origin", redirect: "manual" })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (found) {
        Object.assign(marks, found);
        if (picker.open && Object.keys(found).length) {
          draw(!picker.querySelector("tbody").contains(document.activeElement));
        }
      })
      .catch(function () { asked[month] = false; });
  }

  function close() {
    picker.close();
    input.focus();
  }

  function choose(at) {
    var before = read(input.value);
    var moment = input.getAttribute("data-date") === "moment";
    put(input, day(at) + (moment ? " " + (before ? before.time : "") : ""));
    close();
    input.setSelectionRange(input.value.length, input.value.length);
  }

  /* Below the input or above it; where there is room for neither, the page moves. */
  function place() {
    var height = picker.offsetHeight + 8;
    var box = input.getBoundingClientRect();
    if (box.bottom + height > window.innerHeight && box.top < height) {
      input.parentNode.scrollIntoView({ block: "start" });
      box = input.getBoundingClientRect();
    }
    var top = box.bottom + height <= window.innerHeight ? box.bottom + 4 : box.top - height + 4;
    picker.style.left = Math.max(8, Math.min(box.left, window.innerWidth - picker.offsetWidth - 8)) + "px";
    picker.style.top = (top < 8 ? Math.max(8, window.innerHeight - height) : top) + "px";
  }

  function open(of) {
    input = of;
    if (!picker) {
      build();
    }
    var moment = input.getAttribute("data-date") === "moment";
    picker.querySelector("[data-now]").hidden = !moment;
    picker.querySelector("[data-today]").hidden = moment;
    var found = read(input.value);
    shown = found ? found.day : now().day;
    picker.showModal();
    draw();
    place();
  }

  var STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  var MONTHS = { PageUp: -1, PageDown: 1 };

  function build() {
    picker = template.content.firstElementChild.cloneNode(true);
    document.body.appendChild(picker);
    var head = picker.querySelector("thead tr");
    for (var nth = 0; nth < 7; nth += 1) {
      var th = document.createElement("th");
      var at = new Date(Date.UTC(2024, 0, 1 + nth));
      th.scope = "col";
      th.textContent = words(at, { weekday: "short" });
      head.appendChild(th);
    }
    picker.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (!button) {
        if (event.target === picker) {
          close();  /* beside it */
        }
      } else if (button.dataset.day) {
        choose(new Date(button.dataset.day + "T00:00:00Z"));
      } else if (button.dataset.step) {
        shown = moved(shown, 0, Number(button.dataset.step));
        draw(true);
      } else if (button.hasAttribute("data-today")) {
        choose(now().day);
      } else if (button.hasAttribute("data-now")) {
        put(input, day(now().day) + " " + now().time);
        close();
      } else {
        close();
      }
    });
    picker.addEventListener("cancel", function (event) {
      event.preventDefault();
      close();
    });
    picker.addEventListener("keydown", function (event) {
      if (!event.target.dataset.day || event.altKey || event.ctrlKey || event.metaKey) {
        return;
      }
      var days = STEPS[event.key] || 0;
      var months = MONTHS[event.key] || 0;
      if (event.key === "Home" || event.key === "End") {
        days = (event.key === "Home" ? 0 : 6) - weekday(shown);
      } else if (!days && !months) {
        return;
      }
      event.preventDefault();
      shown = moved(shown, days, months);
      draw();
    });
  }

  function offerMonth(one) {
    var around = document.createElement("span");
    var button = document.createElement("button");
    var label = one.labels && one.labels[0] ? one.labels[0].firstChild.textContent : one.getAttribute("aria-label") || "";
    around.className = "date-field";
    button.type = "button";
    button.className = "date-open";
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-label", template.dataset.open + ": " + label.trim());
    one.parentNode.insertBefore(around, one);
    around.appendChild(one);
    around.appendChild(button);
  }
  document.querySelectorAll("input[data-date]").forEach(offerMonth);
  /* A part of a page that came later, such as the form of a step in a dialog. */
  document.addEventListener("part-added", function (event) {
    event.target.querySelectorAll("input[data-date]").forEach(offerMonth);
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest(".date-open");
    if (button) {
      open(button.previousElementSibling);
    }
  });
  document.addEventListener("keydown", function (event) {
    if (isDate(event.target) && event.key === "ArrowDown" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open(event.target);
    }
  });
})();
