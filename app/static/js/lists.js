/* Lists of cases: which steps all chosen cases allow, and the form of such a step in a dialog. Without it every step of
   the page is offered, and a form has a page of its own. */
(function () {
  "use strict";

  const PART = "X-Part";
  const form = document.querySelector("form[data-bulk]");
  const filters = document.querySelector("form[data-filters]");

  /* A choice in the bar of filters is enough; what is typed is sent by Enter. */
  if (filters) {
    filters.addEventListener("change", function (event) {
      if (event.target.matches("[data-at-once]")) {
        filters.requestSubmit();
      }
    });
    /* An address without what was left empty can be read, and kept. */
    filters.addEventListener("submit", function () {
      Array.from(filters.elements).forEach(function (input) {
        if (input.name && input.value === "") {
          input.disabled = true;
        }
      });
    });
    window.addEventListener("pageshow", function () {
      Array.from(filters.elements).forEach(function (input) { input.disabled = false; });
    });
  }

  /* One open list of choices at a time; Escape and a click beside it close it. */
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.pop[open]").forEach(function (pop) {
      if (!pop.contains(event.target)) {
        pop.open = false;
      }
    });
  });
  document.addEventListener("keydown", function (event) {
    const pop = event.key === "Escape" && document.activeElement.closest("details.pop[open]");
    if (pop) {
      pop.open = false;
      pop.querySelector("summary").focus();
    }
  });

  if (!form || !form.querySelector(".bulk-bar")) {
    return;
  }
  const dialog = document.querySelector("[data-bulk-dialog]");
  const all = form.querySelector("[data-pick-all]");
  const count = form.querySelector("[data-bulk-count]");
  let last = null;

  function boxes() {
    return Array.from(form.querySelectorAll("input[type=checkbox][data-steps]"));
  }

  function show() {
    const picked = boxes().filter(function (box) { return box.checked; });
    boxes().forEach(function (box) { box.closest("tr").classList.toggle("picked", box.checked); });
    const allowed = picked.map(function (box) { return new Set(box.dataset.steps.split(" ")); });
    let possible = 0;
    form.querySelectorAll("[data-step]").forEach(function (button) {
      button.hidden = !allowed.every(function (steps) { return steps.has(button.dataset.step); });
      possible += button.hidden ? 0 : 1;
    });
    form.querySelector("[data-bulk-none]").hidden = possible > 0;
    count.textContent = picked.length === 1 ? count.dataset.one : count.dataset.many.replace("{count}", picked.length);
    all.checked = picked.length > 0 && picked.length === boxes().length;
    all.indeterminate = picked.length > 0 && !all.checked;
  }

  form.addEventListener("change", function (event) {
    if (event.target === all) {
      boxes().forEach(function (box) { box.checked = all.checked; });
    }
    if (event.target.matches("input[type=checkbox]")) {
      show();
    }
  });

  /* With Shift, all boxes between the last one and this. */
  form.addEventListener("click", function (event) {
    const known = boxes();
    const at = known.indexOf(event.target);
    if (at < 0) {
      return;
    }
    if (event.shiftKey && last !== null) {
      known.slice(Math.min(at, last), Math.max(at, last) + 1).forEach(function (box) {
        box.checked = event.target.checked;
      });
      show();
    }
    last = at;
  });

  form.addEventListener("reset", function (event) {
    event.preventDefault();
    boxes().forEach(function (box) { box.checked = false; });
    show();
    all.focus();
  });

  /* The form of a step is fetched; should that fail, its page is opened. */
  form.addEventListener("submit", function (event) {
    const button = event.submitter;
    if (!button || !button.hasAttribute("data-form") || !dialog.showModal) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const sent = new FormData(form);
    sent.set(button.name, button.value);
    ask(form.action, sent).catch(function () {
      button.removeAttribute("data-form");
      form.requestSubmit(button);
    });
  }, true);

  dialog.addEventListener("submit", function (event) {
    const asked = event.target.closest("form[data-bulk-form]");
    if (!asked) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (asked.hasAttribute("data-on-its-way")) {
      return;
    }
    asked.setAttribute("data-on-its-way", "");
    asked.setAttribute("aria-busy", "true");
    asked.querySelectorAll("[type=submit]").forEach(function (one) { one.setAttribute("aria-disabled", "true"); });
    ask(asked.action, new FormData(asked)).catch(function () { HTMLFormElement.prototype.submit.call(asked); });
  }, true);

  dialog.addEventListener("click", function (event) {
    const link = event.target.closest("#refusal a[href^='#']");
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    } else if (link) {
      event.preventDefault();
      document.getElementById(link.hash.slice(1)).focus();
    }
  });

  function ask(address, sent) {
    const headers = {};
    headers[PART] = "dialog";
    return fetch(address, { method: "POST", body: sent, headers: headers, credentials: "same-origin" })
      .then(function (answer) {
        const onward = answer.headers.get("X-Go-On");
        if (onward) {
          window.location.assign(onward);
          return null;
        }
        if (answer.redirected || (!answer.ok && answer.status !== 422)) {
          throw new Error(String(answer.status));
        }
        return answer.text();
      })
      .then(function (text) {
        if (text === null) {
          return;
        }
        dialog.innerHTML = text;
        dialog.dispatchEvent(new Event("part-added", { bubbles: true }));
        if (!dialog.open) {
          dialog.showModal();
        }
        const first = dialog.querySelector("#refusal, select, textarea, input:not([type=hidden])");
        if (first) {
          first.focus();
        }
      });
  }

  form.querySelector("[data-all]").hidden = false;
  show();
  window.addEventListener("pageshow", show);
}());
