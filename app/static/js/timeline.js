/* A case's page: the part of its history that is asked for ([data-timeline]) is shown at once, its address kept; on paper
   nothing is folded. Without script the links ask the server. */
(function () {
  "use strict";

  const links = Array.from(document.querySelectorAll("[data-timeline]"));
  const entries = Array.from(document.querySelectorAll(".timeline [data-parts]"));

  function show(link) {
    const wanted = link.dataset.timeline;
    entries.forEach(function (head) {
      head.parentElement.hidden = wanted !== "all" && !head.dataset.parts.split(" ").includes(wanted);
    });
    links.forEach(function (other) {
      if (other === link) {
        other.setAttribute("aria-current", "true");
      } else {
        other.removeAttribute("aria-current");
      }
    });
    const older = document.querySelector(".timeline > .older > details");
    if (older) {
      older.open = wanted !== "all";
    }
    history.replaceState(history.state, "", link.href);
  }

  links.forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) {
        return;
      }
      event.preventDefault();
      show(link);
    });
  });

  if (!document.querySelector(".case-main")) {
    return;
  }
  let folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.from(document.querySelectorAll("main details:not([open])"));
    folded.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (details) { details.open = false; });
  });
})();
