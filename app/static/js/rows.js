/* [data-more]: the "…" of a row, without script a link to the case. It unfolds what else can be done there, which the
   server is asked for when somebody wants to know; js/menus.js folds it up again and walks through it. */
(function () {
  "use strict";

  function menuOf(link) {
    var menu = link.parentElement.querySelector(".dropdown-menu");
    if (!menu) {
      menu = document.createElement("ul");
      menu.className = "dropdown-menu dropdown-menu-right";
      link.insertAdjacentElement("afterend", menu);
    }
    return menu;
  }

  function unfold(link, byKey) {
    var menu = menuOf(link);
    function enter() {
      if (byKey && link.getAttribute("aria-expanded") === "true") {
        menu.querySelector("a, button").focus();
      }
    }
    if (menu.firstElementChild) {
      window.setTimeout(enter, 0);
      return;
    }
    fetch(link.getAttribute("data-more"), { credentials: "same-origin", redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.text();
      })
      .then(function (html) {
        menu.innerHTML = html;
        enter();
      })
      .catch(function () { window.location.assign(link.href); });
  }

  document.querySelectorAll("[data-more]").forEach(function (link) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.setAttribute("data-menu", "");
    link.addEventListener("click", function (event) {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        unfold(link, event.detail === 0);
      }
    });
    link.addEventListener("keydown", function (event) {
      if (event.key === " ") {
        event.preventDefault();
        link.click();
      }
    });
  });
})();
