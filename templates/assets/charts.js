/* Makes the pictures interactive when they come near the screen.

   Each picture is complete without this: an SVG with its table under it. The
   library and a chart's figure are fetched only for charts that are looked at.
   Classic scripts, not modules: pages opened from a folder draw as well. */
(function () {
  "use strict";
  var here = document.currentScript;
  var narrow = matchMedia("(max-width: 46rem)");
  var dark = matchMedia("(prefers-color-scheme: dark)");
  var waiting = {};
  var library = null;

  function load(src) {
    return new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = src;
      script.onload = resolve;
      script.onerror = function () { reject(new Error("cannot load " + src)); };
      document.head.appendChild(script);
    });
  }

  harnessBench.add = function (id, figures) { waiting[id] = figures; };

  /* Figures carry the light values; put in what the page's style says now. */
  function coloured(value, style) {
    if (typeof value === "string") {
      var token = harnessBench.palette[value];
      return token ? style.getPropertyValue("--" + token).trim() : value;
    }
    if (Array.isArray(value)) return value.map(function (item) { return coloured(item, style); });
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (name) { copy[name] = coloured(value[name], style); });
      return copy;
    }
    return value;
  }

  function draw(figure) {
    var picture = figure.querySelector(".picture");
    var live = picture.querySelector(".live");
    var figures = waiting[figure.dataset.chart];
    var chosen = coloured(narrow.matches ? figures.narrow : figures.wide, getComputedStyle(document.documentElement));
    if (!live) {
      live = document.createElement("div");
      live.className = "live";
      picture.appendChild(live);
    }
    var room = picture.clientWidth || chosen.layout.width;
    chosen.layout.width = Math.min(room, chosen.layout.width);
    return Plotly.react(live, chosen.data, chosen.layout, {
      displaylogo: false,
      displayModeBar: false,
      responsive: false,
      scrollZoom: false,
      doubleClick: false,
      showSendToCloud: false
    }).then(function () {
      picture.classList.add("drawn");
      figure.dataset.drawn = "true";
    });
  }

  function start(figure) {
    library = library || load(here.dataset.plotly);
    Promise.all([library, load(figure.dataset.src)]).then(function () {
      return draw(figure);
    }).catch(function (error) {
      figure.dataset.drawn = "failed";
      console.warn("The picture stays as it is: " + error.message);
    });
  }

  var figures = Array.prototype.slice.call(document.querySelectorAll("figure[data-chart]"));
  function redraw() {
    figures.forEach(function (figure) {
      if (figure.dataset.drawn === "true") draw(figure);
    });
  }
  narrow.addEventListener("change", redraw);
  dark.addEventListener("change", redraw);
  document.addEventListener("themechange", redraw);
  var resizing = 0;
  addEventListener("resize", function () {
    clearTimeout(resizing);
    resizing = setTimeout(redraw, 150);
  });

  var observer = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      observer.unobserve(entry.target);
      start(entry.target);
    });
  }, { rootMargin: "200px" });
  figures.forEach(function (figure) { observer.observe(figure); });
})();
