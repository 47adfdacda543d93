/* Taking a report. While one types into the box above a new case's form, or into the form, the server says who is meant
   ([data-intake] has its address); the answer stands beside the form. Who is certain, or chosen, fills the fields that
   nobody has typed in. */
(function () {
  "use strict";
  const PAUSE = 250;
  const place = document.querySelector("[data-intake]");
  const form = document.getElementById("step-form");
  if (!place || !form || !window.fetch) { return; }
  const box = document.getElementById("intake-words");
  const known = document.querySelector("[data-known]");
  if (box.autofocus) { box.focus({ preventScroll: true }); }
  let timer = 0, asked = 0, filling = false, waiting = false, asleep = true;

  document.querySelectorAll("[data-scriptless]").forEach((one) => one.remove());

  function controls() {
    return Array.from(form.elements).filter((one) => one.name && one !== box && !/^(hidden|submit|button|file)$/.test(one.type));
  }

  /* What somebody has typed is theirs; what came back with a refusal was typed before. */
  const begun = form.hasAttribute("data-draft-refused");
  if (begun) { controls().forEach((one) => { if (one.value) { one.dataset.typed = ""; } }); }

  /* A button that fills in must not be what Enter in a field presses. */
  function adopt() {
    known.querySelectorAll("[data-take]").forEach((one) => { one.type = "button"; });
    if (asleep) { return; }
    const certain = known.querySelector("[data-certain]");
    if (certain) { fill(certain); }
  }

  function set(control, value) {
    if (control.value === value) { return; }
    const before = control.value;
    control.value = value;
    if (control.value !== value && control.tagName === "SELECT") { control.value = before; return; }
    control.dataset.filled = value;
    filling = true;
    ["input", "change"].forEach((kind) => control.dispatchEvent(new Event(kind, { bubbles: true })));
    filling = false;
  }

  /* Into what is empty, or was filled in for somebody else. */
  function fill(person) {
    const values = JSON.parse(person.dataset.person);
    controls().forEach((one) => {
      if ("typed" in one.dataset) { return; }
      if (one.name in values) { set(one, values[one.name]); }
      else if ("filled" in one.dataset) { set(one, ""); delete one.dataset.filled; }
    });
    known.querySelectorAll(".person").forEach((one) => one.classList.toggle("taken", one === person));
  }

  function next() {
    const marked = (one) => Array.from(one.closest(".form-group")?.querySelectorAll(".required-mark") || []);
    const empty = controls().find((one) => !one.value && marked(one).some((mark) => mark.offsetParent !== null));
    (empty || controls().find((one) => !one.value) || form.querySelector("[type=submit]")).focus();
  }

  function look(then) {
    const turn = ++asked;
    window.clearTimeout(timer);
    const sent = new FormData(form);
    Array.from(sent.entries()).forEach(([name, value]) => { if (value instanceof File) { sent.delete(name); } });
    waiting = true;
    window.fetch(place.dataset.intake, { method: "POST", body: sent, credentials: "same-origin", redirect: "manual" })
      .then((answer) => (answer.ok ? answer.text() : null))
      .then((text) => {
        if (turn !== asked) { return; }
        waiting = false;
        /* The answer must not take away what somebody is writing into a line of it. */
        if (text !== null && !(known.contains(document.activeElement) && document.activeElement.value)) {
          known.innerHTML = text;
          adopt();
        }
        if (then) { then(); }
      })
      .catch(() => { waiting = false; if (then) { then(); } });
  }

  function later() {
    window.clearTimeout(timer);
    waiting = true;
    timer = window.setTimeout(look, PAUSE);
  }

  /* Enter: the only one found, else the words go where they belong, which the server knows as well. */
  function decide() {
    const people = known.querySelectorAll(".person[data-person]");
    if (people.length === 1) {
      fill(people[0]);
      next();
    } else if (people.length > 1) {
      people[0].querySelector("[data-take]")?.focus();
    } else {
      const placed = known.querySelector("[data-placed]");
      if (placed) { fill(placed); }
      next();
    }
  }

  box.addEventListener("input", () => { asleep = false; later(); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && !event.ctrlKey) {
      event.preventDefault();
      if (!box.value.trim()) { next(); } else if (waiting) { look(decide); } else { decide(); }
    } else if (event.key === "ArrowDown") {
      const first = known.querySelector("[data-take]");
      if (first) { event.preventDefault(); first.focus(); }
    }
  });

  form.addEventListener("input", (event) => {
    if (filling || event.target === box) { return; }
    event.target.dataset.typed = "";
    delete event.target.dataset.filled;
    if (event.target.tagName === "INPUT") { asleep = false; later(); }
  });
  form.addEventListener("change", (event) => {
    if (filling || event.target === box) { return; }
    event.target.dataset.typed = "";
    asleep = false;
    later();
  });

  known.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (button) { event.preventDefault(); fill(button.closest(".person")); next(); look(); }
  });
  known.addEventListener("keydown", (event) => {
    const buttons = Array.from(known.querySelectorAll("[data-take]"));
    const at = buttons.indexOf(document.activeElement);
    if (at === -1 || !["ArrowDown", "ArrowUp"].includes(event.key)) { return; }
    event.preventDefault();
    (event.key === "ArrowDown" ? buttons[at + 1] || buttons[at] : buttons[at - 1] || box).focus();
  });
  /* What was typed of the new case is not needed any more when it becomes a line of one that is there. */
  known.addEventListener("submit", (event) => {
    form.querySelectorAll("[name=_draft]").forEach((one) => event.target.appendChild(one.cloneNode()));
  });

  adopt();
})();

/* The next case of the list from which one came: a page of cases notes their order when it is left, the message of a step
   that led back ([data-done-case]) offers the one after. */
(function () {
  "use strict";
  const KEY = "tuntas.list";
  const CASE = /^\/[a-z0-9_]+\/\d+$/;
  const STEP = /^\/[a-z0-9_]+\/\d+(\/|$)/;
  let store;
  try {
    store = window.sessionStorage;
    store.getItem(KEY);
  } catch (error) {
    return;
  }

  function here() {
    const found = new Map();
    document.querySelectorAll("main a[href]").forEach((link) => {
      const path = new URL(link.href, location.href).pathname;
      if (CASE.test(path) && !link.closest(".alert") && !found.has(path)) { found.set(path, link.firstChild?.textContent.trim() || link.textContent.trim()); }
    });
    return Array.from(found.entries());
  }

  const done = document.querySelector("[data-done-case]");
  if (done) {
    let before = [];
    try { before = JSON.parse(store.getItem(KEY)) || []; } catch (error) { /* somebody else's */ }
    const at = before.findIndex(([path]) => path === new URL(done.href).pathname);
    const after = at === -1 ? undefined : before[at + 1];
    if (after) {
      const link = document.createElement("a");
      link.href = after[0];
      link.textContent = after[1];
      link.setAttribute("data-next-case", "");
      done.after(" ", done.dataset.doneCase, " ", link);
    }
  }
  if (!STEP.test(location.pathname)) {
    window.addEventListener("pagehide", () => {
      const rows = here();
      try { if (rows.length) { store.setItem(KEY, JSON.stringify(rows)); } } catch (error) { /* no room: no offer */ }
    });
  }
})();
