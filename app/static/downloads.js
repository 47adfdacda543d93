/* My downloads: asks how far the reports are that are being made; when one has ended, the page shows it. */
(function () {
  "use strict";
  var EVERY_MS = 2000;

  function ask(row) {
    fetch(row.getAttribute("data-poll"), { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.json();
      })
      .then(function (told) {
        if (told.state !== "queued" && told.state !== "running") {
          window.location.reload();
          return;
        }
        var bar = row.querySelector("progress");
        if (told.expected) {
          bar.max = told.expected;
          bar.value = told.rows;
        }
        row.querySelector(".badge-state").textContent = told.message;
        row.querySelector("[data-rows]").textContent = told.rows + (told.expected ? " / " + told.expected : "");
        again(row);
      })
      .catch(function () { again(row); });
  }

  function again(row) {
    window.setTimeout(function () { ask(row); }, EVERY_MS);
  }

  document.querySelectorAll("[data-poll]").forEach(again);
})();
