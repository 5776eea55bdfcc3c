/* Makes a picture interactive once a reader turns to it: with the pointer, the
   keyboard, a tap or the word "Explore" under it.

   Each picture is complete without this: an SVG with its table under it, which
   keeps its place while Plotly draws over it, and stays where Plotly cannot draw.
   Nothing is fetched before. Classic scripts, not modules: pages opened from a
   folder draw as well. */
(function () {
  "use strict";
  if (harnessBench.scan) { harnessBench.scan(); return; }
  var here = document.currentScript;
  var site = new URL("..", here.src).href;
  var narrow = matchMedia("(max-width: 46rem)");
  var dark = matchMedia("(prefers-color-scheme: dark)");
  var coarse = matchMedia("(pointer: coarse)");
  var waiting = {};
  var loading = {};
  var charts = [];
  var chosen = null;

  function load(src) {
    loading[src] = loading[src] || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = src;
      script.charset = "utf-8";
      script.onload = resolve;
      script.onerror = function () {
        delete loading[src];
        script.remove();
        reject(new Error("cannot load " + src));
      };
      document.head.appendChild(script);
    });
    return loading[src];
  }

  /* By their script: two snapshots of a chart have the same id. */
  harnessBench.add = function (id, figures) { waiting[document.currentScript.src] = figures; };

  /* A strict content policy lets a page have styles from files and from scripts, but
     none that a script writes as markup, and no bitmap from within. So Plotly makes
     neither, whatever the policy: its style elements are there, and empty. */
  function prepared() {
    if (document.getElementById("plotly.js-style-global")) return;
    harnessBench.styles.forEach(function (id) {
      var mark = document.createElement("meta");
      mark.id = id;
      mark.className = "no-inline-styles";
      document.head.appendChild(mark);
    });
    var sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = site + "assets/plotly.css";
    document.head.appendChild(sheet);
  }

  /* Others on the page may write their own attributes meanwhile: they get what they ask for. */
  var drawing = 0;
  function guarded(work) {
    var element = Element.prototype;
    var plain = guarded.plain = guarded.plain || [element.setAttribute, element.setAttributeNS];
    element.setAttribute = function (name, value) {
      if (name === "style" && this.style) this.style.cssText = value;
      else plain[0].call(this, name, value);
    };
    element.setAttributeNS = function (space, name, value) {
      if (!/^data:/.test(value) || !this.closest(".live")) plain[1].call(this, space, name, value);
    };
    drawing += 1;
    return work().finally(function () {
      drawing -= 1;
      if (!drawing) { element.setAttribute = plain[0]; element.setAttributeNS = plain[1]; }
    });
  }

  /* Figures carry the light values; put in what the page's style says now. */
  function coloured(value, style) {
    if (typeof value === "string") {
      var token = harnessBench.palette[value];
      return token ? said(style, token) : value;
    }
    if (Array.isArray(value)) return value.map(function (item) { return coloured(item, style); });
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (name) { copy[name] = coloured(value[name], style); });
      return copy;
    }
    return value;
  }

  /* The light or the dark value of a token, as the scheme of its place says. */
  function said(style, token) {
    var value = style.getPropertyValue("--" + token).trim();
    var both = /^light-dark\((.*?), ?(.*?)\)$/.exec(value);
    if (!both) return value;
    var dark = /dark/.test(style.colorScheme) && (!/light/.test(style.colorScheme) || matchMedia("(prefers-color-scheme: dark)").matches);
    return both[dark ? 2 : 1];
  }

  function plain(text) {
    var lines = String(text || "").replace(/<br>/g, "\n").replace(/<[^>]*>/g, "");
    return new DOMParser().parseFromString(lines, "text/html").documentElement.textContent;
  }

  /* The wide picture in light colours, at twice its size, whatever the page looks like. */
  function pngButton(picture, id) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "png";
    button.textContent = "PNG";
    button.addEventListener("click", function () {
      var svg = picture.querySelector(".wide svg").cloneNode(true);
      var box = svg.viewBox.baseVal;
      var canvas = document.createElement("canvas");
      canvas.width = 2 * box.width;
      canvas.height = 2 * box.height;
      svg.setAttribute("width", canvas.width);
      svg.setAttribute("height", canvas.height);
      svg.setAttribute("font-family", "system-ui, sans-serif");
      var style = document.createElementNS(svg.namespaceURI, "style");
      var pen = canvas.getContext("2d");
      style.textContent = Object.keys(harnessBench.palette).map(function (light) {
        var token = harnessBench.palette[light];
        if (token === "paper") pen.fillStyle = light;
        return ".f-" + token + "{fill:" + light + "}.s-" + token + "{stroke:" + light + "}";
      }).join("");
      svg.prepend(style);
      var image = new Image();
      image.onload = function () {
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0);
        var link = document.createElement("a");
        link.download = id.replace(/\//g, "-") + ".png";
        link.href = canvas.toDataURL("image/png");
        link.click();
      };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(svg));
    });
    return button;
  }

  function Chart(figure) {
    this.figure = figure;
    this.picture = figure.querySelector(".picture");
    this.src = new URL(figure.dataset.src, document.baseURI).href;
    this.live = null;
    this.at = -1;
    this.asked = null;
    this.listen();
  }

  Chart.prototype.listen = function () {
    var chart = this;
    var picture = this.picture;
    picture.addEventListener("pointerenter", function (event) {
      if (event.pointerType !== "touch") chart.wake();
    });
    picture.addEventListener("click", function (event) {
      if (chart.live) return;
      // A tap on a mark shows what it is; the next one follows it.
      if (coarse.matches) event.preventDefault();
      chart.wake().then(function () { chart.showNearest(event.clientX, event.clientY); });
    });
    this.word = document.createElement("button");
    this.word.type = "button";
    this.word.className = "explore";
    this.word.textContent = "Explore";
    this.word.addEventListener("pointerenter", function () { chart.fetch().catch(function () {}); });
    this.word.addEventListener("focus", function () { chart.wake(); });
    this.word.addEventListener("click", function () {
      chart.wake().then(function () { if (chart.live) chart.live.focus(); });
    });
    var tools = this.figure.querySelector(".tools");
    if (tools) tools.appendChild(pngButton(this.picture, this.figure.dataset.chart));
    var place = tools || this.figure.querySelector(".source") || document.querySelector(".source");
    if (place) place.appendChild(this.word);
  };

  Chart.prototype.fetch = function () {
    prepared();
    return Promise.all([load(here.dataset.plotly || site + "assets/plotly.min.js"), load(this.src)]);
  };

  /* Loads what is needed and draws, once; a failure may be tried again. */
  Chart.prototype.wake = function () {
    var chart = this;
    if (this.asked) return this.asked;
    this.asked = this.fetch()
      .then(function () { return chart.draw(); })
      .catch(function (error) {
        chart.asked = null;
        chart.failed(error);
      });
    return this.asked;
  };

  /* Another figure in its place, live at once: the board's other axes have no picture. */
  Chart.prototype.turn = function (src) {
    src = new URL(src || this.figure.dataset.src, document.baseURI).href;
    if (src === this.src) return this.choose();
    this.src = src;
    this.asked = null;
    // Under the words of one axis, no picture of another.
    this.picture.classList.add("waiting");
    this.wake();
  };

  Chart.prototype.failed = function (error) {
    var own = new URL(this.figure.dataset.src, document.baseURI).href;
    if (this.src !== own) document.dispatchEvent(new Event("unturned"));
    this.src = own;
    if (this.live) this.live.remove();
    this.live = null;
    this.picture.classList.remove("drawn", "waiting");
    this.figure.dataset.drawn = "failed";
    console.info("The picture stays as it is: " + error.message);
  };

  Chart.prototype.draw = function () {
    var chart = this;
    if (!waiting[this.src]) return; // turned again meanwhile
    var figure = this.now();
    this.told = chosen;
    this.size = [figure.layout.width, figure.layout.height];
    if (coarse.matches) figure.layout.dragmode = false;
    if (!this.live) this.addLive();
    var over = figure.data.some(function (trace) { return trace.type === "heatmap"; });
    this.live.classList.toggle("over", over);
    return guarded(function () {
      return Plotly.react(chart.live, figure.data, figure.layout, {
        displaylogo: false,
        displayModeBar: false,
        responsive: false,
        scrollZoom: false,
        doubleClick: "reset",
        showSendToCloud: false
      });
    }).then(function () {
      if (!chart.live) return;
      if (!chart.heard) chart.hear();
      chart.marks = marksOf(chart.live);
      chart.choose();
      chart.fit();
      chart.tools(figure.layout);
      chart.picture.classList.toggle("drawn", !over);
      chart.picture.classList.remove("waiting");
      chart.figure.dataset.drawn = "true";
    });
  };

  Chart.prototype.addLive = function () {
    var chart = this;
    var name = this.figure.getAttribute("aria-label");
    this.heard = false;
    this.live = document.createElement("div");
    this.live.className = "live";
    this.live.tabIndex = 0;
    this.live.setAttribute("role", "application");
    this.live.setAttribute("aria-roledescription", "interactive chart");
    this.live.setAttribute("aria-label", (name ? name + "." : this.picture.querySelector("img").alt)
      + " Arrow keys go from mark to mark, Enter opens its page.");
    this.live.addEventListener("keydown", function (event) { chart.key(event); });
    this.said = document.createElement("p");
    this.said.className = "said";
    this.said.setAttribute("role", "status");
    this.picture.append(this.live, this.said);
  };

  /* What the board's filter leaves out is a ring, on the picture and live. */
  Chart.prototype.choose = function () {
    if (!chosen) return;
    Array.prototype.forEach.call(this.picture.querySelectorAll("[data-id]"), function (mark) {
      mark.classList.toggle("outside", chosen.outside.has(mark.dataset.id));
      mark.classList.toggle("chosen", chosen.picked.indexOf(mark.dataset.id) >= 0);
    });
    if (!this.live || !this.marks || !waiting[this.src] || this.told === chosen) return;
    this.told = chosen;
    var change = { "marker.color": [], "marker.line.color": [], "marker.line.width": [] };
    var curves = [];
    this.now().data.forEach(function (trace, curve) {
      if (!trace.ids) return;
      curves.push(curve);
      change["marker.color"].push(trace.marker.color);
      change["marker.line.color"].push(trace.marker.line.color);
      change["marker.line.width"].push(trace.marker.line.width);
    });
    if (curves.length) Plotly.restyle(this.live, change, curves);
  };

  /* The figure in the colours of its place, the board's choice in it: to draw once
     takes half as long as to draw and restyle. */
  Chart.prototype.now = function () {
    var style = getComputedStyle(this.figure);
    var figures = waiting[this.src];
    var found = coloured(narrow.matches ? figures.narrow : figures.wide, style);
    if (!chosen || !chosen.outside.size && !chosen.picked.length) return found;
    var paper = said(style, "paper");
    var ink = said(style, "ink");
    var recede = said(style, "recede");
    found.data.forEach(function (trace) {
      if (!trace.ids) return;
      var out = trace.ids.map(function (id) { return chosen.outside.has(id); });
      var picked = trace.ids.map(function (id) { return chosen.picked.indexOf(id) >= 0; });
      var own = trace.marker.color;
      trace.marker.color = out.map(function (is) { return is ? paper : own; });
      trace.marker.line = {
        color: out.map(function (is, at) { return picked[at] ? ink : is ? recede : paper; }),
        width: picked.map(function (is) { return is ? 2 : 1; })
      };
    });
    return found;
  };

  /* The live chart has the size of the picture, whatever that is scaled to. */
  Chart.prototype.fit = function () {
    var svg = this.picture.querySelector(narrow.matches ? ".narrow svg" : ".wide svg") || this.picture.querySelector("img");
    var share = svg.getBoundingClientRect().width / this.size[0];
    this.live.style.width = this.size[0] + "px";
    this.live.style.height = this.size[1] + "px";
    this.live.style.transform = share < 0.999 ? "scale(" + share + ")" : "none";
  };

  /* The word has done its work; where axes can be zoomed, three others follow it. */
  Chart.prototype.tools = function (layout) {
    var chart = this;
    var free = ["xaxis", "yaxis"].filter(function (name) { return layout[name].fixedrange === false; });
    this.word.classList.toggle("done", true);
    if (this.zooms || !free.length) return;
    this.zooms = [["+", "Zoom in", 0.6], ["−", "Zoom out", 1 / 0.6], ["Reset", "Reset the zoom", 0]].map(function (each) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = each[0];
      button.setAttribute("aria-label", each[1]);
      button.addEventListener("click", function () { chart.zoom(free, each[2]); });
      return button;
    });
    var group = document.createElement("span");
    group.className = "zoom";
    group.append.apply(group, this.zooms);
    this.word.after(group);
  };

  Chart.prototype.zoom = function (axes, share) {
    var figures = waiting[this.src];
    var whole = (narrow.matches ? figures.narrow : figures.wide).layout;
    var now = this.live._fullLayout;
    var change = {};
    axes.forEach(function (name) {
      var range = share ? now[name].range : whole[name].range;
      var middle = (+range[0] + +range[1]) / 2;
      var half = (range[1] - range[0]) / 2 * (share || 1);
      change[name + ".range"] = [middle - half, middle + half];
    });
    if (coarse.matches) change.dragmode = share ? "pan" : false;
    return Plotly.relayout(this.live, change);
  };

  /* What can be pointed at, in the order of reading. */
  function marksOf(live) {
    var found = [];
    live._fullData.forEach(function (trace, curve) {
      if (!trace.hovertext || trace.visible !== true) return;
      if (trace.type === "heatmap") {
        trace.z.forEach(function (row, y) {
          row.forEach(function (value, x) {
            if (value !== null) found.push({ at: { curveNumber: curve, xval: trace.x[x], yval: trace.y[y] }, x: trace.x[x], y: -trace.y[y],
              text: trace.hovertext[y][x], href: trace.customdata && trace.customdata[y][x] });
          });
        });
        return;
      }
      trace.x.forEach(function (x, point) {
        if (x !== null) found.push({ at: { curveNumber: curve, pointNumber: point }, x: x, y: trace.y[point],
          text: trace.hovertext[point], href: trace.customdata && trace.customdata[point] });
      });
    });
    var rows = live._fullLayout.yaxis.range[0] > live._fullLayout.yaxis.range[1];
    return found.sort(function (a, b) {
      return rows ? Math.abs(a.y) - Math.abs(b.y) || a.x - b.x : a.x - b.x || a.y - b.y;
    });
  }

  Chart.prototype.show = function (index) {
    var mark = this.marks[index];
    if (!mark) return;
    this.at = index;
    this.said.textContent = plain(mark.text);
    Plotly.Fx.hover(this.live, [mark.at]);
  };

  Chart.prototype.showNearest = function (clientX, clientY) {
    if (!this.live) return;
    var box = this.live.getBoundingClientRect();
    var share = box.width / this.size[0];
    var full = this.live._fullLayout;
    var best = -1;
    var least = 24 * 24;
    this.marks.forEach(function (mark, index) {
      var x = (full._size.l + full.xaxis.d2p(mark.x)) * share + box.left - clientX;
      var y = (full._size.t + full.yaxis.d2p(Math.abs(mark.y))) * share + box.top - clientY;
      if (x * x + y * y < least) { least = x * x + y * y; best = index; }
    });
    this.show(best);
  };

  Chart.prototype.key = function (event) {
    var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) this.show((this.at + step + this.marks.length) % this.marks.length);
    else if (event.key === "Home") this.show(0);
    else if (event.key === "End") this.show(this.marks.length - 1);
    else if (event.key === "Enter" && this.marks[this.at]) this.follow(this.marks[this.at].href, event);
    else if (event.key === "Escape") Plotly.Fx.unhover(this.live);
    else return;
    event.preventDefault();
  };

  Chart.prototype.follow = function (path, event) {
    if (!path) return;
    var aside = event && (event.ctrlKey || event.metaKey || event.button === 1);
    window.open(new URL(path, site).href, aside ? "_blank" : "_top");
  };

  Chart.prototype.hear = function () {
    var chart = this;
    this.heard = true;
    var last = {};
    this.live.on("plotly_click", function (found) {
      var point = found.points[0];
      var name = point.curveNumber + " " + point.pointNumber;
      // One tap may be told twice, as a touch and as a click.
      if (coarse.matches && (last.name !== name || found.event.timeStamp - last.at < 400)) {
        last = { name: name, at: found.event.timeStamp };
        return;
      }
      chart.follow(point.customdata, found.event);
    });
    this.live.on("plotly_hover", function (found) {
      chart.live.classList.toggle("leads", Boolean(found.points[0].customdata));
    });
    this.live.on("plotly_unhover", function () { chart.live.classList.remove("leads"); });
  };

  function everyLive(what) {
    charts.forEach(function (chart) { if (chart.live) chart[what](); });
  }
  narrow.addEventListener("change", function () { everyLive("draw"); });
  dark.addEventListener("change", function () { everyLive("draw"); });
  document.addEventListener("themechange", function () { everyLive("draw"); });
  addEventListener("resize", function () { everyLive("fit"); });
  document.addEventListener("board", function (event) {
    chosen = event.detail;
    charts.forEach(function (chart) {
      if (chart.figure === chosen.figure) chart.turn(chosen.src);
      else chart.choose();
    });
  });
  harnessBench.scan = function () {
    document.querySelectorAll("figure[data-chart]").forEach(function (figure) {
      if (!charts.some(function (chart) { return chart.figure === figure; })) charts.push(new Chart(figure));
    });
  };
  harnessBench.scan();
})();
