/* [data-look-up]: shows whom the inputs named in data-look-up-by mean, as they are typed. The server answers the part of
   the page that is to stand there; without an answer what stands there stays. */
(function () {
  "use strict";
  var PAUSE = 350;

  var place = document.querySelector("[data-look-up]");
  if (!place || !window.fetch || !window.URLSearchParams) {
    return;
  }
  var inputs = place.dataset.lookUpBy.split(" ").map(function (name) {
    return document.querySelector("#step-form [name='" + name + "']");
  }).filter(Boolean);
  var button = document.querySelector("[data-look-up-button]");
  var timer = null;
  var asked = 0;
  if (button) {
    button.hidden = true;
  }

  function look() {
    var turn = ++asked;
    var typed = new URLSearchParams();
    inputs.forEach(function (input) { typed.set(input.name, input.value); });
    window.fetch(place.dataset.lookUp + "?" + typed, { credentials: "same-origin", redirect: "manual" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (text) {
        if (text !== null && turn === asked) {
          place.innerHTML = text;
        }
      })
      .catch(function () { /* offline for a moment: the server says it when the form is sent */ });
  }

  inputs.forEach(function (input) {
    input.addEventListener("input", function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(look, PAUSE);
    });
  });
})();
