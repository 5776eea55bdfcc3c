/* In a page that shows our charts: frames get the height of what is in them, and both
   frames and pictures are light or dark as the ground they stand on. In an embedded
   page: tells its height. Loaded once for each quote, it works once. */
(function () {
  "use strict";
  var here = document.currentScript.src;
  if (window.harnessBenchEmbed) { window.harnessBenchEmbed(here); return; }

  /* The first ground that is not transparent; without one pages are white. */
  function paint(element) {
    for (; element; element = element.parentElement) {
      var text = getComputedStyle(element).backgroundColor, colour = text.match(/[\d.]+/g);
      if (colour && colour.length > 2 && +colour[3] !== 0) return text;
    }
    return "";
  }

  function ground(element) {
    var colour = paint(element).match(/[\d.]+/g);
    if (colour) {
      return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] < 128 ? "dark" : "light";
    }
    return getComputedStyle(document.documentElement).colorScheme === "dark" ? "dark" : "light";
  }

  function settle() {
    document.querySelectorAll(".harness-bench").forEach(function (figure) {
      if (figure.dataset.theme && !figure.dataset.ground) return;
      var theme = ground(figure.parentElement);
      figure.style.setProperty("--ground", paint(figure.parentElement) || "Canvas");
      if (figure.dataset.ground === theme) return;
      figure.dataset.ground = figure.dataset.theme = theme;
      document.dispatchEvent(new Event("themechange"));
    });
    document.querySelectorAll("iframe[data-harness-bench]").forEach(light);
  }

  function light(frame) {
    if (/[?&]theme=/.test(frame.src)) return;
    frame.contentWindow.postMessage({ harnessBench: { theme: ground(frame) } }, "*");
  }

  addEventListener("message", function (event) {
    var told = event.data && event.data.harnessBench;
    if (!told || !(told.height > 0)) return;
    document.querySelectorAll("iframe").forEach(function (frame) {
      if (frame.contentWindow !== event.source) return;
      frame.height = Math.ceil(told.height);
      frame.dataset.harnessBench = "";
      light(frame);
    });
  });

  /* Frames that were there before this script have told it to nobody. */
  document.querySelectorAll("iframe").forEach(function (frame) {
    if (frame.contentWindow) frame.contentWindow.postMessage({ harnessBench: { ask: true } }, "*");
  });

  if (parent !== window && document.body && document.body.classList.contains("embedded")) {
    var most = /[?&]top=(\d+)/.exec(location.search);
    document.querySelectorAll(most ? "tbody tr" : "none").forEach(function (row, at) {
      if (at >= most[1]) row.remove();
    });
    var tell = function () {
      parent.postMessage({ harnessBench: { height: document.body.getBoundingClientRect().height } }, "*");
    };
    new ResizeObserver(tell).observe(document.body);
    addEventListener("message", function (event) {
      var told = event.source === parent && event.data && event.data.harnessBench;
      if (told && told.ask) tell();
      if (!told || !/^(light|dark)$/.test(told.theme) || document.documentElement.dataset.theme === told.theme) return;
      document.documentElement.dataset.theme = told.theme;
      document.dispatchEvent(new Event("themechange"));
    });
  }

  /* Charts of every site that is quoted; the first of them brings the script. */
  window.harnessBenchEmbed = function (src) {
    settle();
    if (!document.querySelector("figure.harness-bench[data-chart]")) return;
    if (window.harnessBench && harnessBench.scan) { harnessBench.scan(); return; }
    if (document.querySelector("script[data-harness-bench]")) return;
    var script = document.createElement("script");
    script.dataset.harnessBench = "";
    script.src = new URL("charts.js", src).href;
    document.head.appendChild(script);
  };
  window.harnessBenchEmbed(here);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", settle);
  /* A theme is another class, another sheet, or a text that changes its colour. */
  var changes = new MutationObserver(settle);
  changes.observe(document.head, { attributes: true, characterData: true, childList: true, subtree: true });
  [document.documentElement, document.body].forEach(function (each) {
    if (each) changes.observe(each, { attributes: true });
  });
  addEventListener("load", settle, true);
  addEventListener("transitionrun", function (event) {
    if (event.target.classList && event.target.classList.contains("harness-bench")) settle();
  });
})();
