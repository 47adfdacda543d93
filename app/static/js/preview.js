/* A document in place: a[data-preview] opens it in the dialog of the page. Nothing of a file is run: a PDF is painted
   page by page by pdf.js, a text is text. A click with a key held, or without this script, follows the link. */
(function () {
  "use strict";

  var dialog = document.querySelector("[data-preview-dialog]");
  if (!dialog || !dialog.showModal) {
    return;
  }
  var body = dialog.querySelector("[data-preview-body]");
  var place = dialog.querySelector("[data-preview-place]");
  var words = dialog.dataset;
  /* The links that can be gone through, each document once; the one that is shown; how much larger than the width. */
  var links = [];
  var at = 0;
  var zoom = 1;
  /* What belongs to the document that is shown: leaving it ends it. */
  var shown = null;

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-preview]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    open(link);
  });

  function open(link) {
    var seen = {};
    /* Those beside it: of the checklist, or of the history. */
    var around = link.closest("section, form, aside") || document;
    links = Array.from(around.querySelectorAll("a[data-preview]")).filter(function (one) {
      var first = one === link || (!seen[one.href] && one.href !== link.href);
      seen[one.href] = true;
      return first;
    });
    dialog.showModal();
    show(links.indexOf(link));
    body.focus();
  }

  function show(number) {
    leave();
    at = number;
    zoom = 1;
    var link = links[at];
    dialog.querySelector("#preview-name").textContent = link.getAttribute("data-preview-name");
    var warned = dialog.querySelector("[data-preview-warned]");
    warned.textContent = link.getAttribute("data-preview-warning") || "";
    warned.hidden = !warned.textContent;
    dialog.querySelector("[data-preview-file]").href = link.href;
    dialog.querySelectorAll("[data-preview-step]").forEach(function (button) {
      button.disabled = !links[at + Number(button.getAttribute("data-preview-step"))];
    });
    var kind = link.getAttribute("data-preview");
    dialog.querySelectorAll("[data-preview-zoom]").forEach(function (button) { button.hidden = kind === "audio"; });
    say(words.loading);
    shown = { end: function () { return undefined; }, resize: function () { return undefined; }, gone: false };
    VIEWS[kind](link, shown);
  }

  function leave() {
    if (shown) {
      shown.gone = true;
      shown.end();
    }
    shown = null;
    body.replaceChildren();
    place.textContent = "";
    body.scrollTop = 0;
  }

  function say(sentence) {
    var line = document.createElement("p");
    line.className = "preview-said";
    line.setAttribute("role", "status");
    line.textContent = sentence;
    body.replaceChildren(line);
  }

  function broken(mine, sentence) {
    if (!mine.gone) {
      say(sentence || words.broken);
    }
  }

  var VIEWS = { pdf: pdf, image: image, audio: audio, text: text };

  function image(link, mine) {
    var picture = document.createElement("img");
    picture.alt = link.getAttribute("data-preview-name");
    picture.addEventListener("load", function () { body.replaceChildren(picture); });
    picture.addEventListener("error", function () { broken(mine); });
    mine.resize = function () {
      picture.style.maxWidth = zoom === 1 ? "" : "none";
      picture.style.maxHeight = zoom === 1 ? "" : "none";
      picture.style.width = zoom === 1 ? "" : Math.round(Math.min(picture.naturalWidth, body.clientWidth) * zoom) + "px";
    };
    picture.src = link.href;
  }

  function audio(link, mine) {
    var player = document.createElement("audio");
    player.controls = true;
    player.preload = "metadata";
    player.setAttribute("aria-label", link.getAttribute("data-preview-name"));
    player.addEventListener("error", function () { broken(mine); });
    mine.end = function () {
      player.pause();
      player.removeAttribute("src");
      player.load();
    };
    player.src = link.href;
    body.replaceChildren(player);
  }

  function text(link, mine) {
    fetch(link.getAttribute("data-preview-text"), { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.json(); })
      .then(function (answer) {
        if (mine.gone) {
          return;
        }
        if (answer.text === undefined) {
          broken(mine, answer.message);
          return;
        }
        var written = document.createElement("div");
        written.className = "preview-text";
        written.textContent = answer.text;
        mine.resize = function () { written.style.fontSize = zoom * 100 + "%"; };
        body.replaceChildren(written);
      })
      .catch(function () { broken(mine); });
  }

  var library = null;

  function pdfjs() {
    library = library || import(words.library).then(function (found) {
      found.GlobalWorkerOptions.workerSrc = words.worker;
      return found;
    });
    library.catch(function () { library = null; });
    return library;
  }

  function pdf(link, mine) {
    var started = null;
    mine.end = function () {
      if (started) {
        started.destroy();
      }
    };
    pdfjs().then(function (found) {
      if (mine.gone) {
        return null;
      }
      started = found.getDocument({
        url: link.href, isEvalSupported: false, useWasm: false, enableXfa: false, stopAtErrors: false,
        maxImageSize: 64 << 20, canvasMaxAreaInBytes: 256 << 20
      });
      return started.promise;
    }).then(function (document_) {
      return document_ && !mine.gone ? pages(document_, mine) : null;
    }).catch(function (error) {
      broken(mine, error && error.name === "PasswordException" ? words.locked : "");
    });
  }

  /* Every page has its place at once; it is painted when it comes near. */
  function pages(found, mine) {
    var list = document.createElement("div");
    var sheets = [];
    list.className = "preview-pages";
    return found.getPage(1).then(function (first) {
      if (mine.gone) {
        return;
      }
      var size = first.getViewport({ scale: 1 });
      for (var number = 1; number <= found.numPages; number += 1) {
        sheets.push(sheet(number, size));
      }
      body.replaceChildren(list);
      list.append.apply(list, sheets);
      lay();
      var near = new IntersectionObserver(function (entries) {
        entries.forEach(function (entry) {
          entry.target.near = entry.isIntersecting;
          if (entry.isIntersecting) {
            paint(entry.target);
          } else {
            wipe(entry.target);
          }
        });
      }, { root: body, rootMargin: "100% 0px" });
      sheets.forEach(function (one) { near.observe(one); });
      body.addEventListener("scroll", tell);
      mine.resize = function () {
        lay();
        sheets.filter(function (one) { return one.near; }).forEach(paint);
      };
      var end = mine.end;
      mine.end = function () {
        near.disconnect();
        body.removeEventListener("scroll", tell);
        end();
      };
      tell();
    });

    function sheet(number, size) {
      var one = document.createElement("div");
      one.className = "preview-sheet";
      one.number = number;
      one.ratio = size.height / size.width;
      return one;
    }

    function width() { return Math.max(120, Math.round(Math.min(body.clientWidth - 24, 1000) * zoom)); }

    function lay() {
      sheets.forEach(function (one) {
        one.style.width = width() + "px";
        one.style.height = Math.round(width() * one.ratio) + "px";
      });
    }

    function paint(one) {
      var wanted = width();
      if (one.painted === wanted) {
        return;
      }
      one.painted = wanted;
      found.getPage(one.number).then(function (page) {
        if (mine.gone || one.painted !== wanted) {
          return null;
        }
        var plain = page.getViewport({ scale: 1 });
        one.ratio = plain.height / plain.width;
        one.style.height = Math.round(wanted * one.ratio) + "px";
        var sharp = Math.min(window.devicePixelRatio || 1, 2);
        var canvas = document.createElement("canvas");
        var view = page.getViewport({ scale: wanted / plain.width * sharp });
        canvas.width = Math.floor(view.width);
        canvas.height = Math.floor(view.height);
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", told(one.number));
        return page.render({ canvas: canvas, canvasContext: canvas.getContext("2d"), viewport: view }).promise.then(function () {
          if (!mine.gone && one.painted === wanted) {
            one.replaceChildren(canvas);
          }
        });
      }).catch(function () {
        if (!mine.gone) {
          one.textContent = words.broken;
        }
      });
    }

    function wipe(one) {
      one.painted = 0;
      one.replaceChildren();
    }

    function told(number) { return words.page.replace("{page}", number).replace("{pages}", found.numPages); }

    function tell() {
      var middle = body.scrollTop + body.clientHeight / 3;
      var current = sheets.filter(function (one) { return one.offsetTop <= middle; }).length || 1;
      place.textContent = told(current);
    }
  }

  function step(by) {
    if (links[at + by]) {
      show(at + by);
    }
  }

  function enlarge(by) {
    zoom = Math.min(4, Math.max(0.4, zoom * by));
    if (Math.abs(zoom - 1) < 0.02) {
      zoom = 1;
    }
    if (shown) {
      shown.resize();
    }
  }

  dialog.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (event.target === dialog || (button && button.hasAttribute("data-preview-close"))) {
      dialog.close();
    } else if (button && button.hasAttribute("data-preview-step")) {
      step(Number(button.getAttribute("data-preview-step")));
    } else if (button && button.hasAttribute("data-preview-zoom")) {
      enlarge(Number(button.getAttribute("data-preview-zoom")));
    }
  });

  /* A player has its own use for the arrows. Nothing of a key here reaches the page behind. */
  dialog.addEventListener("keydown", function (event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "AUDIO") {
      return;
    }
    var done = { ArrowLeft: [step, -1], ArrowRight: [step, 1], "+": [enlarge, 1.25], "=": [enlarge, 1.25], "-": [enlarge, 0.8] }[event.key];
    if (done) {
      event.preventDefault();
      done[0](done[1]);
    }
  });

  /* The browser gives the focus back to where it was; it was on the link that opened, so one goes on from the last one
     that was seen. */
  dialog.addEventListener("close", function () {
    leave();
    var link = links[at];
    if (link && link.isConnected) {
      link.focus();
    }
  });
  window.addEventListener("resize", function () {
    if (shown) {
      shown.resize();
    }
  });
})();
