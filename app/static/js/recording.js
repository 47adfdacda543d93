/* The player of a recording: links move it, a key stamps its position into the form. */
(function () {
  "use strict";

  var player = document.querySelector("[data-player]");
  var audio = player && player.querySelector("audio");
  if (!audio) {
    return;
  }

  /* Also those in the table of the case's page, outside of the player. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-seek]");
    if (!link) {
      return;
    }
    event.preventDefault();
    seek(Number(link.getAttribute("data-seek")));
  });

  /* Before the browser knows how long the recording is, it can't move in it. */
  function seek(seconds) {
    if (audio.readyState > 0) {
      audio.currentTime = seconds;
    } else {
      audio.addEventListener("loadedmetadata", function () { audio.currentTime = seconds; }, { once: true });
      audio.load();
    }
    var playing = audio.play();
    if (playing) {
      playing.catch(function () { /* a browser may want one more click before it makes a sound */ });
    }
  }

  /* An hour of a call is heard in less, and a word that was missed once more. */
  var tools = player.querySelector("[data-player-tools]");
  tools.hidden = false;
  tools.addEventListener("click", function (event) {
    var jump = event.target.closest("[data-jump]");
    if (jump) {
      audio.currentTime = Math.max(0, audio.currentTime + Number(jump.getAttribute("data-jump")));
    }
  });
  tools.querySelector("[data-speed]").addEventListener("change", function (event) {
    audio.playbackRate = Number(event.target.value);
  });

  var button = player.querySelector("[data-stamp]");
  var key = button && button.getAttribute("data-stamp");
  var rows = key && document.getElementById("field-" + key + "-rows");
  if (!rows) {
    return;
  }
  button.closest("[data-stamping]").hidden = false;
  button.addEventListener("click", stamp);
  document.addEventListener("keydown", function (event) {
    if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyS") {
      event.preventDefault();
      stamp();
    }
  });

  function stamp() {
    var written = clock(Math.floor(audio.currentTime));
    var row = free();
    if (!row) {
      document.querySelector("[data-add-row='#" + rows.id + "']").click();
      row = rows.lastElementChild;
    }
    var position = row.querySelector("[name$='-position']");
    position.value = written;
    position.dispatchEvent(new Event("input", { bubbles: true }));
    var next = row.querySelector("select, [name$='-speaker'], [name$='-said']");
    if (next) {
      next.focus();
    }
    var said = player.querySelector("[data-stamped]");
    said.textContent = said.getAttribute("data-stamped").replace("{}", written);
  }

  /* The first row in which nothing is written. */
  function free() {
    return Array.prototype.find.call(rows.children, function (row) {
      return Array.prototype.every.call(row.querySelectorAll("input, select"), function (input) { return !input.value; });
    });
  }

  function clock(seconds) {
    return two(Math.floor(seconds / 60)) + ":" + two(seconds % 60);
  }

  function two(number) {
    return (number < 10 ? "0" : "") + number;
  }
})();
