/* Second factors: passkeys are made and used, recovery codes are copied and printed.

   form[data-passkey="create" or "get"]: data-options answers what the authenticator is asked (WebAuthn, JSON), and what
   it says goes with the form as "credential". Where the browser has no passkeys such a form is not there. */
(function () {
  "use strict";

  var able = Boolean(window.PublicKeyCredential && navigator.credentials && window.isSecureContext);

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = Array.from(new Uint8Array(buffer), function (one) { return String.fromCharCode(one); }).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  /* The options with bytes where JSON has base64url. */
  function question(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) {
      options.user.id = bytes(options.user.id);
    }
    (options.excludeCredentials || []).concat(options.allowCredentials || []).forEach(function (one) {
      one.id = bytes(one.id);
    });
    return { publicKey: options };
  }

  /* What the authenticator says, the other way round. */
  function answer(credential) {
    var said = credential.response;
    var response = { clientDataJSON: text(said.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
      if (said[part]) {
        response[part] = text(said[part]);
      }
    });
    if (said.getTransports) {
      response.transports = said.getTransports();
    }
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response,
      clientExtensionResults: credential.getClientExtensionResults()
    });
  }

  function ask(form) {
    var token = form.querySelector("input[name=csrf_token]").value;
    var sent = { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin" };
    return fetch(form.getAttribute("data-options"), sent).then(function (found) {
      if (!found.ok || found.redirected) {
        throw new Error(String(found.status));
      }
      return found.json();
    }).then(function (options) {
      return navigator.credentials[form.getAttribute("data-passkey")](question(options));
    });
  }

  function say(form, sentence) {
    var place = form.querySelector("[data-passkey-said]");
    place.textContent = sentence;
    place.hidden = !sentence;
  }

  /* Before the other listeners: they mark a form as sent, which this one is only once the authenticator has answered. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-passkey") || form.elements.credential.value) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.hasAttribute("data-asking")) {
      return;
    }
    form.setAttribute("data-asking", "");
    say(form, "");
    ask(form).then(function (credential) {
      form.elements.credential.value = answer(credential);
      form.requestSubmit();
    }).catch(function (error) {
      var known = error.name === "InvalidStateError" && form.getAttribute("data-known");
      say(form, known || form.getAttribute("data-failed"));
    }).then(function () {
      form.removeAttribute("data-asking");
    });
  }, true);

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    form.hidden = !able;
  });
  document.querySelectorAll("[data-without-passkeys]").forEach(function (warning) {
    warning.hidden = able;
  });
  /* Coming back with the browser's back button, another answer is asked for. */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-passkey]").forEach(function (form) { form.elements.credential.value = ""; });
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  /* [data-copy="selector"]: the texts of what it finds, a line each. */
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) {
      return;
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      var lines = Array.from(document.querySelectorAll(button.getAttribute("data-copy")), function (one) {
        return one.textContent;
      });
      navigator.clipboard.writeText(lines.join("\n")).then(function () {
        button.textContent = button.getAttribute("data-copied");
        document.querySelectorAll("[data-copy-said]").forEach(function (place) {
          place.textContent = button.getAttribute("data-copied");
        });
      });
    });
  });
})();
