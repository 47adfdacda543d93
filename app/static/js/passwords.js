/* input[data-show]: what is typed into the passwords of a form can be shown, which is left as it was found when the form
   is sent: no program that remembers what was typed takes it for something else. */
(function () {
  "use strict";

  document.querySelectorAll("form").forEach(function (form) {
    var inputs = form.querySelectorAll("input[data-show]");
    if (!inputs.length) {
      return;
    }
    var label = document.createElement("label");
    var box = document.createElement("input");

    function turn() {
      inputs.forEach(function (input) { input.type = box.checked ? "text" : "password"; });
    }

    label.className = "show-typed";
    box.type = "checkbox";
    label.append(box, inputs[0].dataset.show);
    inputs[inputs.length - 1].after(label);
    box.addEventListener("change", turn);
    form.addEventListener("submit", function () { box.checked = false; turn(); });
  });
}());
