/* Menus of the bar, and messages that are put away. [data-menu]: a button that unfolds what its aria-controls names, or
   the menu beside it. Without script a menu is open while it has the focus. */
(function () {
  "use strict";

  function unfolded(button) {
    return document.getElementById(button.getAttribute("aria-controls")) || button.parentElement;
  }

  function show(button, open) {
    unfolded(button).classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
  }

  function opened() {
    return Array.from(document.querySelectorAll("[data-menu][aria-expanded=true]"));
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-menu]");
    opened().forEach(function (other) {
      if (other !== button && !unfolded(other).contains(event.target)) {
        show(other, false);
      }
    });
    if (button) {
      show(button, button.getAttribute("aria-expanded") !== "true");
    }
    var put = event.target.closest("[data-dismiss]");
    if (put) {
      put.closest(".alert").remove();
    }
  });

  /* Arrows walk through an open menu, Escape closes it and leaves the focus on its button. */
  document.addEventListener("keydown", function (event) {
    var open = opened().filter(function (button) { return unfolded(button).contains(document.activeElement); }).pop();
    if (event.key === "Escape" && opened().length) {
      var last = open || opened().pop();
      show(last, false);
      last.focus();
      return;
    }
    if (!open || ["ArrowDown", "ArrowUp"].indexOf(event.key) === -1 || open.classList.contains("burger")) {
      return;
    }
    var entries = Array.from(unfolded(open).querySelectorAll("a, button")).filter(function (one) { return one !== open; });
    var at = entries.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    entries[(at + entries.length) % entries.length].focus();
    event.preventDefault();
  });
})();
