/* input[data-money]: an amount is grouped while it is typed, 1.250.000. What can't be read without doubt is left as it
   stands: the server says what is wrong with it. */
(function () {
  "use strict";
  var GROUPED = /^\d{1,3}(\.\d{3})+$|^\d{1,3}(,\d{3})+$|^\d+$/;
  /* Too many for any amount that is stored. */
  var MOST = 18;

  function grouped(digits) {
    return digits.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ".");
  }

  /* The digits of an amount as people write it, also with its currency and without cents; null: not without doubt. */
  function digits(text) {
    var plain = text.replace(/[\s\u00a0]/g, "").replace(/^(rp|idr)\.?/i, "")
      .replace(/,00$|[,.]-$/, "").replace(/(,\d{3})\.00$/, "$1");
    return GROUPED.test(plain) ? plain.replace(/[.,]/g, "") : null;
  }

  /* The caret stays behind the same digits. */
  function write(input, value) {
    var behind = input.value.slice(input.selectionEnd).replace(/\D/g, "").length;
    if (value === input.value) {
      return;
    }
    input.value = value;
    if (document.activeElement === input) {
      var at = value.length;
      for (var passed = 0; at > 0 && passed < behind; at -= 1) {
        passed += /\d/.test(value.charAt(at - 1)) ? 1 : 0;
      }
      input.setSelectionRange(at, at);
    }
  }

  function isMoney(element) { return element.matches && element.matches("input[data-money]"); }

  document.addEventListener("beforeinput", function (event) {
    if (isMoney(event.target)) {
      var value = event.target.value;
      event.target.dataset.grouped = value === "" || grouped(value.replace(/\D/g, "")) === value ? "1" : "";
    }
  });

  document.addEventListener("input", function (event) {
    var input = event.target;
    if (!isMoney(input)) {
      return;
    }
    /* A digit more or less between dots of our own: they are set anew. */
    var step = input.dataset.grouped && ((event.inputType === "insertText" && /^\d+$/.test(event.data || "")) ||
      /^delete/.test(event.inputType || "")) && /^[\d.]*$/.test(input.value);
    var found = step ? input.value.replace(/\./g, "") : digits(input.value);
    if (found !== null && found.length <= MOST) {
      write(input, grouped(found));
    }
  });
})();
