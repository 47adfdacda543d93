/* Small conveniences; every page works without them. */
(function () {
  "use strict";

  function release(form) {
    form.removeAttribute("data-sent");
    form.querySelectorAll("[aria-disabled=true][type=submit]").forEach(function (button) {
      button.removeAttribute("aria-disabled");
    });
  }

  /* A second click on a submit button does nothing. The button's own value is sent all the same, because it is marked
     after the browser has gathered the form. [data-downloads]: what comes is a file, so the page stays and its form
     serves again after a moment. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter && event.submitter.hasAttribute("data-confirm") ? event.submitter : form;
    var asked = button.getAttribute("data-confirm");
    if (form.hasAttribute("data-sent") || (asked && !window.confirm(asked))) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || (form.method || "get").toLowerCase() !== "post") {
      return;
    }
    form.setAttribute("data-sent", "");
    window.setTimeout(function () {
      form.querySelectorAll("button[type=submit], input[type=submit]").forEach(function (button) {
        button.setAttribute("aria-disabled", "true");
      });
    }, 0);
    if (form.hasAttribute("data-downloads")) {
      window.setTimeout(release, 600, form);
    }
  });

  /* Coming back with the browser's back button, the form can be sent again. */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  /* [data-tick-all]: ticks every box of its form, or none; without script there is no such box. */
  document.querySelectorAll("[data-tick-all]").forEach(function (box) {
    box.closest("[hidden]").hidden = false;
    box.addEventListener("change", function () {
      box.form.querySelectorAll("input[type=checkbox][name]").forEach(function (other) {
        other.checked = box.checked;
      });
    });
  });

  /* [data-required-when]: a field that some answers make obligatory has its mark as long as they are given. The table
     {by, when} has the inputs it depends on and every combination; "*" stands for any answer. A file counts as chosen
     also when it was kept ahead of the form: a ticked [data-kept] in the [data-file-field] of its kind. */
  function given(form, name) {
    if (name.indexOf("file:") === 0) {
      var kind = name.slice(5);
      var file = form.querySelector("input[type=file][name='" + kind + "']");
      var kept = form.querySelector("[data-file-field='" + kind + "'] [data-kept]:checked");
      return kept || (file && file.files.length) ? "*" : "";
    }
    var inputs = Array.prototype.filter.call(form.elements, function (one) { return one.name === name; });
    return inputs.reduce(function (found, one) {
      if (one.type === "checkbox" || one.type === "radio") {
        return one.checked ? "*" : found;
      }
      return one.tagName === "SELECT" ? one.value : one.value.trim() ? "*" : "";
    }, "");
  }

  function follow(form) {
    form.querySelectorAll("[data-required-when]").forEach(function (entry) {
      var table = JSON.parse(entry.getAttribute("data-required-when"));
      var answers = table.by.map(function (name) { return given(form, name); });
      var needed = table.when.some(function (row) {
        return row.every(function (value, nth) { return value === answers[nth]; });
      });
      entry.querySelector("[data-mark]").hidden = !needed;
      entry.querySelectorAll("[id^='field-']").forEach(function (input) {
        if ("required" in input) {
          input.required = needed;
        }
      });
    });
  }
  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (event.target.form) {
        follow(event.target.form);
      }
    });
  });
  document.querySelectorAll("form").forEach(function (form) {
    follow(form);
    if (form.querySelector("[data-required-when*='file:']")) {
      new MutationObserver(function () { follow(form); }).observe(form, { childList: true, subtree: true });
    }
  });

  /* After a refusal its summary has the focus: Enter leads to the first field that it names, each line to its own. Else
     the first field that is asked has it, where that hides nothing that stands above. */
  function lead(link) {
    var field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (field) {
      field.scrollIntoView({ block: "center" });
      field.focus({ preventScroll: true });
    }
    return Boolean(field);
  }

  var refusal = document.getElementById("refusal");
  if (refusal) {
    refusal.focus();
    refusal.addEventListener("click", function (event) {
      var link = event.target.closest("a[href^='#']");
      if (link && lead(link)) {
        event.preventDefault();
      }
    });
    refusal.addEventListener("keydown", function (event) {
      var first = refusal.querySelector("a[href^='#']");
      if (event.target === refusal && event.key === "Enter" && first && lead(first)) {
        event.preventDefault();
      }
    });
  } else if (document.activeElement === document.body && !window.location.hash && !document.querySelector("[autofocus]")) {
    var asked = Array.prototype.filter.call(
      document.querySelectorAll("form[data-first] input, form[data-first] select, form[data-first] textarea"),
      function (one) { return one.type !== "hidden" && one.offsetParent !== null; })[0];
    if (asked && asked.getBoundingClientRect().bottom < window.innerHeight) {
      asked.focus({ preventScroll: true });
    }
  }

  /* [data-add-row="#id"]: one more row for a list field. The target's last row is copied, emptied, and its numbers
     (name, id, for: the last "-N-" or "-N" at the end) are raised by one. */
  function raise(text) {
    return text.replace(/-(\d+)(?=-[^-\d][^-]*$|$)/, function (all, digits) { return "-" + (Number(digits) + 1); });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-add-row]");
    if (!button) {
      return;
    }
    event.preventDefault();
    var rows = document.querySelector(button.getAttribute("data-add-row"));
    var fresh = rows.lastElementChild.cloneNode(true);
    fresh.querySelectorAll("[name], [id], [for]").forEach(function (element) {
      ["name", "id", "for"].forEach(function (attribute) {
        if (element.hasAttribute(attribute)) {
          element.setAttribute(attribute, raise(element.getAttribute(attribute)));
        }
      });
      if (element.hasAttribute("aria-label")) {
        element.setAttribute("aria-label", element.getAttribute("aria-label").replace(/\d+$/, function (digits) {
          return Number(digits) + 1;
        }));
      }
    });
    fresh.querySelectorAll("input, select, textarea").forEach(function (input) {
      if (input.type === "checkbox" || input.type === "radio") {
        input.checked = false;
      } else {
        input.value = "";
      }
    });
    rows.appendChild(fresh);
    var first = fresh.querySelector("input, select, textarea");
    if (first) {
      first.focus();
    }
  });

  /* [data-max-bytes]: says before sending that a file is too large; the sentence is in data-too-large. */
  document.addEventListener("change", function (event) {
    var input = event.target;
    if (!input.matches || !input.matches("input[type=file][data-max-bytes]")) {
      return;
    }
    var most = Number(input.getAttribute("data-max-bytes"));
    var tooLarge = Array.prototype.some.call(input.files, function (file) { return file.size > most; });
    var sentence = tooLarge ? input.getAttribute("data-too-large") || "" : "";
    input.setCustomValidity(sentence);
    input.setAttribute("aria-invalid", tooLarge ? "true" : "false");
    if (tooLarge) {
      input.reportValidity();
    }
  });
})();
