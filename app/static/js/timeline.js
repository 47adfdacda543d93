/* A case's page: the part of its history that is asked for ([data-timeline]) is shown at once, its address kept; on paper
   nothing is folded. Without script the links ask the server. */
(function () {
  "use strict";

  const links = Array.from(document.querySelectorAll("[data-timeline]"));

  function show(link) {
    const wanted = link.dataset.timeline;
    /* Looked for anew: a file that arrives renews the history (uploads.js). */
    document.querySelectorAll(".timeline [data-parts]").forEach(function (head) {
      head.parentElement.hidden = wanted !== "all" && !head.dataset.parts.split(" ").includes(wanted);
    });
    document.querySelectorAll("[data-timeline][aria-current]").forEach(function (other) {
      other.removeAttribute("aria-current");
    });
    link.setAttribute("aria-current", "true");
    const older = document.querySelector(".timeline > .older > details");
    if (older) {
      older.open = wanted !== "all";
    }
    history.replaceState(history.state, "", link.href);
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("[data-timeline]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) {
      event.preventDefault();
      show(link);
    }
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
