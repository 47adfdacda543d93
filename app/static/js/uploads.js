/* Files on their way: many at once where they are dropped, each by itself, each told beside its name.

   form[data-keeps-files]     a step's form: what is chosen is kept aside at that address until the step is done
   [data-surface="address"]   a place for many files, each with its kind; without an address it fills the form around it
   li[data-document]          a line of the checklist: what is chosen there goes at once

   Size and type are checked before anything travels; the server checks them again. */
(function () {
  "use strict";

  var surface = document.querySelector("[data-surface]");
  var form = document.querySelector("form[data-keeps-files]");
  if (!surface) {
    return;
  }
  var words = surface.dataset;
  /* Whether files are gathered before they go; else there is one kind only. */
  var many = surface.querySelector("[data-pick]");
  var token = document.querySelector("input[name=csrf_token]").value;
  /* One after the other: a slow line is not made slower, and each file is whole before the next begins. */
  var line = [];
  var running = null;

  function template(name) {
    var found = document.querySelector("template[data-" + name + "]");
    return found.content.firstElementChild.cloneNode(true);
  }

  function size(bytes) {
    var number = bytes < 1 << 20 ? Math.max(1, Math.round(bytes / 1024)) : bytes / (1 << 20);
    var unit = bytes < 1 << 20 ? " kB" : " MB";
    return number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 }) + unit;
  }

  /* What is wrong with a file for a kind; ``limits`` is an input or option with what the declaration says. */
  function wrong(file, limits) {
    if (file.size > Number(limits.getAttribute("data-max-bytes"))) {
      return limits.getAttribute("data-too-large");
    }
    return fits(file, limits) ? "" : limits.getAttribute("data-wrong-type");
  }

  function fits(file, limits) {
    var accepted = limits.getAttribute("accept").split(",");
    var ending = /\.[^.]+$/.exec(file.name);
    return ending ? accepted.indexOf(ending[0].toLowerCase()) !== -1 : !file.type || accepted.indexOf(file.type) !== -1;
  }

  function say(row, sentence, bad) {
    var said = row.querySelector(".file-said");
    said.textContent = sentence;
    row.classList.toggle("file-wrong", Boolean(bad));
  }

  function rowFor(file) {
    var row = template("row");
    row.querySelector(".file-name").textContent = file.name;
    row.querySelector(".file-size").textContent = size(file.size);
    row.chosen = file;
    var leave = row.querySelector("[data-leave-out]");
    leave.insertAdjacentHTML("beforeend", '<span class="sr-only"></span>');
    leave.lastElementChild.textContent = " " + file.name;
    return row;
  }

  /* Sends a row's file and tells in the row how it goes. ``fields``: what goes along; ``done``: with the answer. */
  function travel(row, address, fields, done) {
    row.classList.remove("file-wrong");
    row.travel = function (finished) {
      var bar = row.querySelector("progress");
      var request = new XMLHttpRequest();
      var body = new FormData();
      fields.concat([["csrf_token", token]]).forEach(function (field) { body.append(field[0], field[1]); });
      body.append("file", row.chosen, row.chosen.name);
      request.open("POST", address);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", function (event) {
        if (event.lengthComputable) {
          bar.value = event.loaded / event.total;
        }
      });
      request.addEventListener("loadend", function () {
        bar.hidden = true;
        row.request = null;
        row.classList.remove("file-going");
        if (row.isConnected) {
          arrived(row, request, done);
        }
        finished();
      });
      bar.hidden = false;
      bar.value = 0;
      say(row, words.going);
      row.classList.add("file-going");
      row.querySelector("[data-again]").hidden = true;
      row.request = request;
      request.send(body);
    };
    line.push(row);
    next();
  }

  function next() {
    if (running) {
      return;
    }
    running = line.shift() || null;
    if (!running) {
      idle();
      return;
    }
    if (!running.isConnected) {
      running = null;
      next();
      return;
    }
    running.travel(function () {
      running = null;
      next();
    });
  }

  function arrived(row, request, done) {
    var answer = null;
    try {
      answer = JSON.parse(request.responseText);
    } catch (error) {
      answer = null;
    }
    if (request.status === 201 && answer) {
      done(answer);
      return;
    }
    /* Who has to sign in again is led to a page that is no answer of ours. */
    var away = request.status && !answer;
    say(row, answer && answer.message ? answer.message : away ? words.signedOut : words.broken, true);
    row.querySelector("[data-again]").hidden = Boolean(answer && request.status < 500);
  }

  function again(row) {
    line.push(row);
    row.classList.remove("file-wrong");
    next();
  }

  function leaveOut(row) {
    if (row.request) {
      row.request.abort();
    }
    var list = row.parentNode;
    row.remove();
    line = line.filter(function (one) { return one !== row; });
    var input = list && list.parentNode.querySelector("input[type=file]");
    if (input && input.getClientRects().length) {
      input.focus();
    }
    decide();
  }

  document.addEventListener("click", function (event) {
    var row = event.target.closest("li.file");
    if (row && event.target.closest("[data-again]")) {
      again(row);
    } else if (row && event.target.closest("[data-leave-out]")) {
      leaveOut(row);
    }
  });

  /* ---- a line of the checklist ---- */

  function addToLine(item, files) {
    var limits = item.querySelector("input[type=file]");
    var fields = [["type", item.getAttribute("data-document")]];
    var replaces = item.querySelector("select[name=replaces]");
    if (replaces && replaces.value) {
      fields.push(["replaces", replaces.value]);
    }
    var list = item.querySelector("[data-files]");
    files.forEach(function (file) {
      var row = rowFor(file);
      row.querySelector(".file-kind").remove();
      list.appendChild(row);
      var sentence = wrong(file, limits);
      if (sentence) {
        say(row, sentence, true);
      } else {
        travel(row, surface.getAttribute("data-surface"), fields, function () { saved(row); });
      }
    });
  }

  /* ---- many files at once ---- */

  var count = 0;

  function saved(row) {
    row.remove();
    count += 1;
    decide();
  }

  function rows() { return Array.from(surface.querySelectorAll("li.file")); }

  /* The words of a file's name that are words of a kind; longer ones may be cut short. */
  function likeness(name, option) {
    var said = plain(name.replace(/\.[^.]+$/, "")).split(" ");
    var wanted = plain(option.getAttribute("data-words")).split(" ");
    return wanted.filter(function (word, at) { return word.length > 1 && wanted.indexOf(word) === at; })
      .reduce(function (sum, word) {
        var same = said.some(function (one) {
          return one === word || (one.length > 3 && word.length > 3 && (word.indexOf(one) === 0 || one.indexOf(word) === 0));
        });
        return sum + (same ? word.length : 0);
      }, 0);
  }

  function plain(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, " ").trim();
  }

  /* The kind that a file most likely is: by its name, else the only one that lacks and takes it. */
  function guess(file, options, taken) {
    var possible = options.filter(function (option) {
      return option.value && fits(file, option) && (option.hasAttribute("data-several") || taken.indexOf(option.value) === -1);
    });
    var scored = possible.map(function (option) {
      return { value: option.value, score: likeness(file.name, option) + (option.hasAttribute("data-lacks") ? 0.5 : 0) };
    }).sort(function (one, other) { return other.score - one.score; });
    if (scored.length && scored[0].score >= 1 && (scored.length === 1 || scored[1].score < scored[0].score)) {
      return scored[0].value;
    }
    var lacking = possible.filter(function (option) { return option.hasAttribute("data-lacks"); });
    return lacking.length === 1 ? lacking[0].value : possible.length === 1 ? possible[0].value : "";
  }

  function put(files) {
    /* A form of one kind needs no choice of it. */
    if (!many) {
      addToField(form.querySelector("[data-file-field]"), files);
      return;
    }
    var list = surface.querySelector("[data-files]");
    files.forEach(function (file) {
      var row = rowFor(file);
      var select = row.querySelector("select");
      var label = row.querySelector(".file-kind .sr-only");
      label.textContent += " " + file.name;
      var taken = rows().map(function (one) { return one.querySelector("select").value; });
      select.value = guess(file, Array.from(select.options), taken);
      list.appendChild(row);
      judge(row);
    });
    surface.querySelector("[data-said]").textContent = "";
    decide();
    var first = list.querySelector("li.file select");
    if (first) {
      first.focus();
    }
  }

  /* Whether a row may go: it has a kind, and nothing is wrong with its file for that kind. */
  function judge(row) {
    var option = row.querySelector("select").selectedOptions[0];
    var sentence = option.value ? wrong(row.chosen, option) : refusedByAll(row);
    say(row, sentence || (option.value ? "" : words.waiting), sentence);
    row.ready = Boolean(option.value) && !sentence;
    return row.ready;
  }

  /* No kind takes it: why the first does not. */
  function refusedByAll(row) {
    var options = Array.from(row.querySelector("select").options).filter(function (option) { return option.value; });
    var sentences = options.map(function (option) { return wrong(row.chosen, option); });
    return sentences.every(Boolean) ? sentences[0] : "";
  }

  function decide() {
    if (!many) {
      return;
    }
    surface.querySelector("[data-decide]").hidden = !rows().some(function (row) { return !row.request; });
  }

  function send() {
    var waiting = rows().filter(function (row) { return !row.request && line.indexOf(row) === -1; });
    var stopped = waiting.filter(function (row) { return !judge(row); });
    waiting.filter(function (row) { return row.ready; }).forEach(function (row) {
      var kind = row.querySelector("select").value;
      if (form) {
        var field = form.querySelector("[data-file-field=" + kind + "]");
        row.remove();
        addToField(field, [row.chosen]);
        return;
      }
      row.querySelector("select").disabled = true;
      travel(row, surface.getAttribute("data-surface"), [["type", kind]], function () { saved(row); });
    });
    if (stopped.length) {
      stopped[0].querySelector("select").focus();
    }
    decide();
  }

  /* All have arrived or were refused: the page tells what is there by now. */
  function idle() {
    if (sending) {
      sendForm();
    }
    rows().forEach(function (row) { row.querySelector("select").disabled = false; });
    if (!count) {
      return;
    }
    var told = count;
    count = 0;
    surface.querySelector("[data-said]").textContent = (told === 1 ? words.one : words.all).replace("{count}", told);
    refresh();
  }

  function refresh() {
    fetch(window.location.pathname + window.location.search).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject(answer.status);
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html");
      document.querySelectorAll("[data-refresh]").forEach(function (old) {
        var now = old.id && fresh.getElementById(old.id);
        if (now) {
          renew(old, document.importNode(now, true));
        }
      });
      begin();
      renewKinds(fresh);
    }).catch(function () { window.location.reload(); });
  }

  /* What is told beside a line stays until somebody has read it. */
  function renew(old, now) {
    old.querySelectorAll("li[data-document] > [data-files] > li").forEach(function (row) {
      var list = now.querySelector("#" + CSS.escape(row.closest("li[data-document]").id) + " > [data-files]");
      if (list) {
        list.appendChild(row);
      }
    });
    var focused = old.contains(document.activeElement) && document.activeElement.closest("[id]");
    old.replaceWith(now);
    var place = focused && document.getElementById(focused.id);
    if (place) {
      var target = place.querySelector("summary, a") || place;
      target.focus({ preventScroll: true });
    }
  }

  /* The kinds that still lack are others by now. */
  function renewKinds(fresh) {
    var now = fresh.querySelector("template[data-row]");
    if (now) {
      surface.querySelector("template[data-row]").replaceWith(document.importNode(now, true));
    }
  }

  /* ---- a step's form ---- */

  var sending = null;

  function addToField(field, files) {
    var input = field.querySelector("input[type=file]");
    var list = field.querySelector("[data-files]");
    var kind = field.getAttribute("data-file-field");
    var more = field.closest("details");
    if (more) {
      more.open = true;
    }
    (input.multiple ? files : files.slice(-1)).forEach(function (file) {
      var row = rowFor(file);
      row.querySelector(".file-kind").remove();
      if (!input.multiple) {
        Array.from(list.querySelectorAll("li.file")).filter(function (one) { return one.chosen; }).forEach(leaveOut);
      }
      list.appendChild(row);
      var sentence = wrong(file, input);
      if (sentence) {
        say(row, sentence, true);
        return;
      }
      travel(row, form.getAttribute("data-keeps-files"), [["type", kind]], function (answer) {
        if (!input.multiple) {
          list.querySelectorAll("li.file-kept").forEach(function (one) { one.remove(); });
        }
        row.replaceWith(keptRow(kind, answer));
        input.required = false;
        changed();
      });
    });
  }

  function keptRow(kind, answer) {
    var row = template("kept");
    var box = row.querySelector("input");
    box.value = answer.ticket;
    box.setAttribute("data-kept", JSON.stringify({ kind: kind, filename: answer.filename, size: answer.size }));
    row.querySelector(".file-name").textContent = answer.filename;
    row.querySelector(".file-size").textContent = size(answer.size);
    return row;
  }

  function changed() {
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* What was kept before a reload comes back with the draft (drafts.js). */
  document.addEventListener("tuntas:kept", function (event) {
    var said = event.detail.said;
    var field = form && form.querySelector('[data-file-field="' + said.kind + '"]');
    if (field) {
      said.ticket = event.detail.ticket;
      field.querySelector("[data-files]").appendChild(keptRow(said.kind, said));
    }
  });

  function sendForm() {
    var button = sending;
    sending = null;
    var bad = form.querySelector("li.file-wrong");
    if (bad) {
      stop(bad);
      return;
    }
    form.requestSubmit(button);
  }

  function stop(row) {
    row.scrollIntoView({ block: "center" });
    row.querySelector("[data-again]:not([hidden]), [data-leave-out]").focus();
  }

  if (form) {
    form.addEventListener("submit", function (event) {
      var waiting = running || line.length;
      var bad = form.querySelector("li.file-wrong");
      var unsaid = rows()[0];
      if (!waiting && !bad && !unsaid) {
        return;
      }
      event.preventDefault();
      if (waiting) {
        sending = event.submitter;
      } else {
        stop(bad || unsaid);
      }
    });
  }

  /* ---- choosing, dropping ---- */

  document.addEventListener("change", function (event) {
    var target = event.target;
    if (target.matches && target.matches("[data-surface] select")) {
      judge(target.closest("li.file"));
      return;
    }
    if (!target.matches || !target.matches("input[type=file]") || !target.files.length) {
      return;
    }
    var files = Array.from(target.files);
    var item = target.closest("li[data-document]");
    var field = form && target.closest("[data-file-field]");
    if (!item && !field && !target.hasAttribute("data-pick")) {
      return;
    }
    target.value = "";
    if (item) {
      addToLine(item, files);
    } else if (field) {
      addToField(field, files);
    } else {
      put(files);
    }
  }, true);

  function carriesFiles(event) {
    return event.dataTransfer && Array.from(event.dataTransfer.types).indexOf("Files") !== -1;
  }

  function target(event) {
    var found = event.target.closest && event.target.closest("li[data-document], [data-file-field]");
    return found && (!form || form.contains(found)) ? found : null;
  }

  var over = null;

  function mark(element) {
    if (over !== element) {
      if (over) {
        over.classList.remove("drop-over");
      }
      over = element;
      if (over) {
        over.classList.add("drop-over");
      }
    }
  }

  document.addEventListener("dragover", function (event) {
    if (!carriesFiles(event)) {
      return;
    }
    var place = target(event) || surface;
    event.preventDefault();
    mark(place === surface && !many ? form : place);
  });
  document.addEventListener("dragleave", function (event) {
    if (!event.relatedTarget) {
      mark(null);
    }
  });
  document.addEventListener("drop", function (event) {
    if (!carriesFiles(event)) {
      return;
    }
    var place = target(event) || surface;
    mark(null);
    event.preventDefault();
    var files = Array.from(event.dataTransfer.files);
    /* Several files on the line of one that stands alone are meant for the others as well. */
    if (place === surface || (files.length > 1 && !place.querySelector("input[type=file]").multiple)) {
      put(files);
    } else if (place.hasAttribute("data-document")) {
      addToLine(place, files);
    } else {
      addToField(place, files);
    }
  });

  /* A picture that was copied, out of a chat for instance. */
  document.addEventListener("paste", function (event) {
    var files = event.clipboardData ? Array.from(event.clipboardData.files) : [];
    if (files.length && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      put(files);
      (many ? surface : form).scrollIntoView({ block: "nearest" });
    }
  });

  /* What is on its way is lost with the page. */
  window.addEventListener("beforeunload", function (event) {
    if (running && !sending) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  /* The button "add" of a line opens the browser's own choice at once, where nothing else is asked. */
  document.addEventListener("click", function (event) {
    var summary = event.target.closest(".document-add > summary");
    if (summary && !summary.parentNode.open && !summary.parentNode.querySelector("select")) {
      event.preventDefault();
      summary.parentNode.querySelector("input[type=file]").click();
    }
  });

  function begin() {
    document.querySelectorAll("[data-without-script]").forEach(function (button) { button.hidden = true; });
  }

  if (many) {
    surface.hidden = false;
    surface.querySelector("[data-send]").addEventListener("click", send);
    surface.querySelector("[data-clear]").addEventListener("click", function () {
      rows().filter(function (row) { return !row.request; }).forEach(function (row) { row.remove(); });
      decide();
      many.focus();
    });
  }
  begin();
})();
