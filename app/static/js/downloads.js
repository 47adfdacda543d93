/* My downloads: asks how far the reports are that are being made; when one has ended, the page shows it. */
(function () {
  "use strict";
  var EVERY_MS = 2000, RARELY_MS = 60000;

  /* What we ask by ourselves is marked, so that it does not keep a forgotten session alive. */
  function ask(row, waited) {
    fetch(row.getAttribute("data-poll"), {
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-Unattended": "1" },
      redirect: "error"
    })
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
        again(row, EVERY_MS);
      })
      /* Signed out, or the server is away: less and less often. */
      .catch(function () { again(row, Math.min(2 * waited, RARELY_MS)); });
  }

  function again(row, wait) {
    window.setTimeout(function () { ask(row, wait); }, wait);
  }

  document.querySelectorAll("[data-poll]").forEach(function (row) { again(row, EVERY_MS); });
})();
