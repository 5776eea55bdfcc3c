/* The board as a tool: facets, words, columns, order, a fold and rows to compare.
   One state, kept in the address after "#"; chart and table both show it. Every number
   and text was made before; without this file the table stands as printed. */
(function () {
  "use strict";
  var box = document.querySelector("[data-board]");
  if (!box) return;
  var FOLD = 15;
  var MOST = 6;
  var table = box.querySelector("table");
  var body = table.tBodies[0];
  var narrow = matchMedia("(max-width: 46rem)");
  var told, rows, columns, own, parts, empty, drawnAs, pickedAs, chartAs;

  function element(name, attributes, children) {
    var found = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) {
      if (key === "text") found.textContent = attributes[key];
      else if (attributes[key] !== null) found.setAttribute(key, attributes[key]);
    });
    (children || []).forEach(function (child) { if (child) found.append(child); });
    return found;
  }

  function button(text, attributes, action) {
    var found = element("button", Object.assign({ type: "button", text: text }, attributes));
    found.addEventListener("click", action);
    return found;
  }

  // The state and the address

  function blank() { return { facets: {}, words: "", sort: "", columns: null, all: false, axis: "", picks: [] }; }

  /* What the address asks for, and what of it is not here. */
  function read(hash) {
    var state = blank();
    var strange = [];
    if (hash.indexOf("=") < 0) return { state: state, strange: strange };
    new URLSearchParams(hash.replace(/^#/, "")).forEach(function (value, name) {
      var list = value.split(",").filter(Boolean);
      var facet = told.facets.find(function (each) { return each.id === name; });
      function known(ids) {
        return list.filter(function (id, at) {
          if (ids.indexOf(id) < 0) strange.push(id);
          return ids.indexOf(id) >= 0 && list.indexOf(id) === at;
        });
      }
      if (facet) {
        var chosen = known(facet.values.map(function (each) { return each.id; }));
        if (chosen.length) state.facets[name] = chosen;
      } else if (name === "find") state.words = value;
      else if (name === "sort") {
        if (column(value.replace(/^-/, ""))) state.sort = value;
        else strange.push(value);
      } else if (name === "columns") {
        state.columns = known(columns.filter(function (each) { return each.optional; })
          .map(function (each) { return each.id; }));
      } else if (name === "axis") {
        state.axis = known(told.axes.map(function (each) { return each.id; }))[0] || "";
      } else if (name === "rows" && value === "all") state.all = true;
      else if (name === "compare") {
        state.picks = known(rows.map(function (row) { return row.id; })).slice(0, MOST);
      } else strange.push(name);
    });
    return { state: state, strange: strange };
  }

  function written(state) {
    var found = new URLSearchParams();
    told.facets.forEach(function (facet) {
      if (state.facets[facet.id]) found.set(facet.id, state.facets[facet.id].join(","));
    });
    if (state.words) found.set("find", state.words);
    if (state.sort) found.set("sort", state.sort);
    if (state.columns) found.set("columns", state.columns.join(","));
    if (state.all) found.set("rows", "all");
    if (state.axis) found.set("axis", state.axis);
    if (state.picks.length) found.set("compare", state.picks.join(","));
    return String(found).replace(/%2C/g, ",");
  }

  function change(what, typing) {
    Object.assign(own, what);
    var hash = written(own);
    var place = hash ? "#" + hash : location.pathname + location.search;
    history[typing ? "replaceState" : "pushState"](null, "", place);
    show([]);
  }

  function follow() {
    var found = read(location.hash);
    own = found.state;
    parts.words.value = own.words;
    show(found.strange);
  }

  // Rows and columns

  function column(id) { return columns.find(function (each) { return each.id === id; }); }

  function shownColumns() {
    return own.columns || columns.filter(function (each) { return each.optional && !each.more; })
      .map(function (each) { return each.id; });
  }

  /* Read from the page once. */
  function key(row, of) {
    if (of.more) return row.cells[of.at] ? row.cells[of.at][1] : null;
    if (of.id in row.keys) return row.keys[of.id];
    var value = row.node.cells[of.at].getAttribute("data-sort");
    return row.keys[of.id] = value === null || value === "" || isNaN(value) ? value : Number(value);
  }

  function ordered() {
    if (!own.sort) return rows;
    var falls = own.sort[0] === "-";
    var of = column(own.sort.replace(/^-/, ""));
    var keyed = rows.map(function (row) { return { row: row, key: key(row, of) }; });
    keyed.sort(function (a, b) {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.row.at - b.row.at;
      var sign = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
      return (falls ? -sign : sign) || a.row.at - b.row.at;
    });
    return keyed.map(function (each) { return each.row; });
  }

  function fits(row) {
    return told.facets.every(function (facet, index) {
      var chosen = own.facets[facet.id];
      return !chosen || row.has[index].some(function (value) {
        return chosen.indexOf(facet.values[value].id) >= 0;
      });
    }) && own.words.toLowerCase().split(/\s+/).every(function (word) {
      return row.text.indexOf(word) >= 0;
    });
  }

  function show(strange) {
    var order = ordered();
    var shown = 0;
    var fitting = 0;
    var first = 0;
    var outside = new Set();
    var heads = [];
    rows.forEach(function (row) { row.fits = fits(row); });
    order.forEach(function (row) {
      if (row.fits) {
        fitting += 1;
        first += row.first;
      } else outside.add(String(row.mark));
      var folded = row.fits && !own.all && shown >= FOLD;
      if (row.fits && !folded) shown += 1;
      // Of a long board nearly all rows stay as they are.
      if (row.node.hidden === row.fits) row.node.hidden = !row.fits;
      if (row.folded !== folded) row.node.classList.toggle("folded", row.folded = folded);
    });
    heads = own.sort ? [] : parts.heads;
    parts.heads.forEach(function (head) {
      var inside = rows.filter(function (row) { return row.head === head && row.fits; });
      head.node.hidden = !heads.length || !inside.length;
      head.node.classList.toggle("folded", inside.every(function (row) { return row.folded; }));
      head.count.textContent = ": " + inside.length;
    });
    if (drawnAs !== own.sort) {
      drawnAs = own.sort;
      order.forEach(function (row) {
        if (!own.sort && row.head && row.leads) body.append(row.head.node);
        body.append(row.node);
      });
    }
    body.append(empty);
    empty.hidden = fitting > 0;
    parts.more.hidden = fitting <= FOLD;
    parts.more.textContent = own.all ? "Show the first " + FOLD : "Show all " + fitting.toLocaleString("en");
    showColumns();
    showFacets();
    showCount(fitting, first, strange);
    showPicks();
    var chart = JSON.stringify([own.facets, own.words, own.picks, own.axis]);
    if (chartAs === chart) return;
    chartAs = chart;
    document.dispatchEvent(new CustomEvent("board", { detail: { figure: parts.figure, src: showAxis(), outside: outside, picked: picked().map(function (row) { return String(row.mark); }) } }));
  }

  function picked() {
    return own.picks.map(function (id) { return rows.find(function (row) { return row.id === id; }); });
  }

  /* The words over the chart follow its axis; gives the script of the figure. */
  function showAxis() {
    if (!told.axes.length) return "";
    var of = told.axes.find(function (each) { return each.id === own.axis; });
    parts.axis.value = own.axis;
    parts.figure.classList.toggle("turned", Boolean(of));
    parts.title.textContent = of ? of.label + " against accuracy" : parts.printed;
    parts.caption.hidden = Boolean(of);
    parts.along.hidden = !of;
    parts.along.textContent = of ? of.caption : "";
    return of ? box.dataset.board.replace(/\.js$/, "-" + of.id + ".js") : "";
  }

  function addAxes(figure) {
    var section = figure.closest("section");
    parts.figure = figure;
    parts.title = section.querySelector("h2");
    parts.printed = parts.title.textContent;
    parts.caption = section.querySelector(".words");
    parts.along = element("div", { class: "words" });
    parts.axis = element("select", { "aria-label": "Axis of the chart" },
      [element("option", { value: "", text: "Time" })].concat(told.axes.map(function (each) {
        return element("option", { value: each.id, text: each.label });
      })));
    parts.axis.addEventListener("change", function () { change({ axis: parts.axis.value }); });
    document.addEventListener("unturned", function () { change({ axis: "" }, true); });
    figure.before(parts.along, element("p", { class: "axis" }, ["Across: ", parts.axis]));
  }

  function showColumns() {
    var now = shownColumns();
    columns.forEach(function (each) {
      var inside = !each.optional || now.indexOf(each.id) >= 0;
      if (each.more && inside && !each.head) addColumn(each);
      if (each.head) each.head.hidden = !inside;
      if (each.head && each.inside !== inside) {
        var place = each.head.cellIndex;
        rows.forEach(function (row) { row.node.cells[place].hidden = !inside; });
        each.inside = inside;
      }
      if (each.head) {
        var sorted = own.sort ? own.sort.replace(/^-/, "") === each.id : each.printed;
        var order = own.sort ? (own.sort[0] === "-" ? "descending" : "ascending") : each.printed;
        if (sorted) each.head.setAttribute("aria-sort", order);
        else each.head.removeAttribute("aria-sort");
      }
      if (each.chip) each.chip.setAttribute("aria-pressed", String(inside));
    });
    var wide = table.tHead.rows[0].cells.length;
    parts.heads.forEach(function (head) { head.node.cells[0].colSpan = wide; });
    empty.cells[0].colSpan = wide;
    var sort = own.sort || parts.sort.dataset.printed;
    if (!Array.prototype.some.call(parts.sort.options, function (option) { return option.value === sort; })) {
      var of = column(sort.replace(/^-/, ""));
      parts.sort.append(element("option", { value: sort, text: of.label + ", the other way" }));
    }
    parts.sort.value = sort;
  }

  function addColumn(of) {
    // In the order in which columns are offered, whenever each was asked for.
    var next = columns.find(function (each) { return each.more && each.head && each.at > of.at; });
    var place = next ? next.head.cellIndex : -1;
    of.head = element("th", { role: "columnheader", scope: "col", class: "number" });
    table.tHead.rows[0].insertBefore(of.head, next ? next.head : null);
    heading(of);
    rows.forEach(function (row) {
      var found = row.cells[of.at];
      row.node.insertBefore(element("td", {
        role: "cell", class: "number folds" + (found ? "" : " empty"), "data-label": of.label,
        "data-sort": found ? found[1] : null, text: found ? found[0] : "–"
      }), place < 0 ? null : row.node.cells[place]);
    });
  }

  function heading(of) {
    if (of.head.firstChild) of.head.firstChild.remove();
    of.head.prepend(button(of.label, {}, function () {
      var now = own.sort || (of.printed ? (of.printed === "descending" ? "-" : "") + of.id : "");
      var best = (of.rising ? "" : "-") + of.id;
      change({ sort: now === best ? (of.rising ? "-" : "") + of.id : best });
    }));
  }

  // Around the table

  function toolbar(label, chips) {
    var bar = element("div", { role: "toolbar", class: "chips", "aria-label": label }, chips);
    chips.forEach(function (chip, index) { chip.tabIndex = index ? -1 : 0; });
    bar.addEventListener("keydown", function (event) {
      var at = chips.indexOf(document.activeElement);
      var next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: chips.length - 1 }[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      next = (next + chips.length) % chips.length;
      chips.forEach(function (chip, index) { chip.tabIndex = index === next ? 0 : -1; });
      chips[next].focus();
    });
    return bar;
  }

  function facetOf(facet) {
    var chips = facet.values.map(function (value) {
      var chip = button("", { "aria-pressed": "false" }, function () {
        var now = own.facets[facet.id] || [];
        var chosen = now.indexOf(value.id) < 0 ? now.concat(value.id) : now.filter(function (id) { return id !== value.id; });
        var all = Object.assign({}, own.facets);
        if (chosen.length) all[facet.id] = chosen;
        else delete all[facet.id];
        change({ facets: all });
      });
      if (value.hue) chip.append(element("span", { class: "dot h" + value.hue, "aria-hidden": "true" }));
      chip.append(value.label + " ", element("small", { text: value.n }));
      value.chip = chip;
      return chip;
    });
    var bar = toolbar(facet.label, chips);
    if (chips.length <= 8) return element("div", { class: "facet" }, [element("span", { text: facet.label }), bar]);
    var found = folded(facet.label, chips, bar);
    facet.summary = found.firstChild;
    return found;
  }

  function folded(label, chips, bar) {
    var found = element("details", { class: "facet long" }, [element("summary", { text: label }), bar || toolbar(label, chips)]);
    found.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !found.open) return;
      found.open = false;
      found.firstChild.focus();
    });
    document.addEventListener("click", function (event) {
      if (!narrow.matches && !found.contains(event.target)) found.open = false;
    });
    return found;
  }

  function showFacets() {
    told.facets.forEach(function (facet) {
      var chosen = own.facets[facet.id] || [];
      facet.values.forEach(function (value) {
        value.chip.setAttribute("aria-pressed", String(chosen.indexOf(value.id) >= 0));
      });
      if (facet.summary) {
        var labels = facet.values.filter(function (value) { return chosen.indexOf(value.id) >= 0; })
          .map(function (value) { return value.label; });
        facet.summary.textContent = facet.label + ": " + (labels.join(", ") || "any of " + facet.values.length);
      }
    });
  }

  function narrowed() { return own.words.trim() !== "" || Object.keys(own.facets).length > 0; }

  function showCount(fitting, first, strange) {
    var n = rows.length;
    var text = narrowed() ? fitting + " of " + n + " combos" : n + " combos";
    if (narrowed() && fitting && parts.judged) text += ", " + first + " of them could have come first";
    if (strange.length) text += ". Not on this board: " + strange.join(", ");
    parts.count.textContent = text;
    parts.clear.hidden = !narrowed();
    parts.link.hidden = !written(own);
    parts.filters.firstChild.textContent = narrowed() ? "Filters: " + fitting + " of " + n : "Filters";
  }

  function pick(row, on) {
    var rest = own.picks.filter(function (id) { return id !== row.id; });
    change({ picks: on ? rest.concat(row.id).slice(0, MOST) : rest });
  }

  function showPicks() {
    var full = own.picks.length >= MOST;
    if (pickedAs !== own.picks.join()) {
      pickedAs = own.picks.join();
      rows.forEach(function (row) {
        row.box.checked = own.picks.indexOf(row.id) >= 0;
        row.box.disabled = full && !row.box.checked;
        row.node.classList.toggle("picked", row.box.checked);
      });
    }
    parts.tray.hidden = !own.picks.length;
    document.documentElement.classList.toggle("choosing", own.picks.length > 0);
    parts.chosen.textContent = "";
    parts.chosen.append(element("b", { text: own.picks.length + " chosen" }), full ? ", the most" : " of up to " + MOST);
    picked().forEach(function (row) {
      parts.chosen.append(button(row.name + " ×", { "aria-label": "Take out " + row.name }, function () { pick(row, false); }));
    });
    parts.compare.hidden = own.picks.length < 2;
    parts.compare.href = box.dataset.compare + "#" + own.picks.join(",");
  }

  function copy(event) {
    var word = event.target;
    navigator.clipboard.writeText(location.href).then(function () { word.textContent = "Copied"; }, function () { word.textContent = "Copy it from the address bar"; });
    setTimeout(function () { word.textContent = "Copy link"; }, 2500);
  }

  function build() {
    columns = Array.prototype.map.call(table.tHead.rows[0].cells, function (head, at) {
      var label = head.firstChild.textContent;
      var id = label.toLowerCase().replace(/[^a-z0-9]+/g, "-");
      return { id: id, label: label, at: at, head: head, rising: !head.classList.contains("number") || head.dataset.first === "ascending",
        printed: head.getAttribute("aria-sort"), optional: /interval|folds/.test(head.className) || label === "Time", more: false };
    });
    told.columns.forEach(function (each, at) {
      columns.push({ id: each.id, label: each.label, at: at, rising: each.rising, optional: true, more: true });
    });
    var head = null;
    rows = [];
    parts = { heads: [] };
    Array.prototype.slice.call(body.rows).forEach(function (node) {
      if (node.classList.contains("group")) {
        head = { node: node, count: element("span", { class: "muted" }) };
        node.cells[0].append(head.count);
        parts.heads.push(head);
        return;
      }
      var at = rows.length;
      var link = node.querySelector("td.name a");
      var name = node.querySelector("td.name").textContent.trim() + ", " + (node.querySelector("td.text") || {}).textContent;
      var has = told.has[at];
      var labels = has.map(function (values, index) {
        return values.map(function (value) { return told.facets[index].values[value].label; }).join(" ");
      });
      var row = { node: node, at: at, id: link.getAttribute("href").replace(/^.*\/|\.html$/g, ""), name: name, has: has,
        text: (node.textContent + " " + labels.join(" ")).toLowerCase(), cells: told.cells[at], keys: {}, first: told.first[at],
        mark: told.marks[at], head: head, leads: head !== null && !rows.some(function (each) { return each.head === head; }) };
      // What is chosen is in the address; kept with the page as well, 1,000 boxes delay each sort.
      row.box = element("input", { type: "checkbox", autocomplete: "off", "aria-label": "Compare " + name });
      row.box.addEventListener("change", function () { pick(row, row.box.checked); });
      link.parentNode.prepend(row.box);
      rows.push(row);
    });
    parts.judged = told.first.indexOf(1) >= 0;
    columns.forEach(function (each) { if (each.head) heading(each); });
    empty = element("tr", { role: "row", class: "none" }, [element("td", { role: "cell" }, [
      "Nothing fits: no combo has all of this. ", button("Clear filters", {}, clear)])]);
    parts.words = element("input", { type: "search", placeholder: "Find words: pi 4-bit", "aria-label": "Find rows by words, in any order" });
    parts.words.addEventListener("input", function () { change({ words: parts.words.value }, true); });
    parts.count = element("span", { role: "status" });
    parts.clear = button("Clear filters", {}, clear);
    parts.link = button("Copy link", {}, copy);
    var more = columns.filter(function (each) { return each.optional; });
    more.forEach(function (each) {
      each.chip = button(each.label, { "aria-pressed": "false" }, function () {
        var now = shownColumns();
        change({ columns: now.indexOf(each.id) < 0 ? now.concat(each.id) : now.filter(function (id) { return id !== each.id; }) });
      });
    });
    var sorts = columns.map(function (each) {
      return element("option", { value: (each.rising ? "" : "-") + each.id, text: each.label });
    });
    var printed = columns.find(function (each) { return each.printed; });
    parts.sort = element("select", { class: "sorter", "aria-label": "Sort by", "data-printed": printed ? (printed.printed === "descending" ? "-" : "") + printed.id : "" },
      (printed ? [] : [element("option", { value: "", text: "As printed" })]).concat(sorts));
    parts.sort.addEventListener("change", function () {
      change({ sort: parts.sort.value === parts.sort.dataset.printed ? "" : parts.sort.value });
    });
    parts.filters = element("details", { class: "facets" }, [element("summary", {})].concat(told.facets.map(facetOf),
      more.length > 1 ? [folded("Columns", more.map(function (each) { return each.chip; }))] : []));
    parts.filters.open = !narrow.matches;
    narrow.addEventListener("change", function () { parts.filters.open = !narrow.matches; });
    parts.more = button("", { class: "more" }, function () { change({ all: !own.all }); });
    parts.chosen = element("div", { class: "chosen" });
    parts.compare = element("a", { class: "go", text: "Compare" });
    parts.tray = element("div", { class: "tray", role: "region", "aria-label": "Chosen to compare" },
      [element("div", { class: "bar" }, [parts.chosen, button("Clear", {}, function () { change({ picks: [] }); }), parts.compare])]);
    box.prepend(parts.sort);
    table.after(parts.more);
    if (box.dataset.rows) box.querySelector(".after").hidden = true;
    var controls = element("div", { class: "board" }, [parts.filters,
      element("div", { class: "controls" }, [parts.words, parts.count, parts.clear, parts.link])]);
    var chart = document.querySelector("figure[data-chart]");
    (chart ? chart.closest("section") : box.closest("section")).before(controls);
    if (told.axes.length) addAxes(chart);
    document.body.append(parts.tray);
    addEventListener("popstate", follow);
    addEventListener("hashchange", follow);
    // Paper shows all rows as they were built: no filter is printed that would say why some lack.
    matchMedia("print").addEventListener("change", function (paper) {
      if (!paper.matches) return follow();
      own = Object.assign(blank(), { all: true });
      show([]);
    });
    follow();
  }

  function clear() {
    parts.words.value = "";
    change({ facets: {}, words: "" });
    parts.words.focus();
  }

  window.harnessBench = window.harnessBench || {};
  harnessBench.board = function (data) {
    told = data;
    build();
  };
  function load(src) { if (src) document.head.append(element("script", { src: src })); }

  /* Of a long board, the rows that are not on the page come first. */
  harnessBench.rows = function (rows) {
    var all = element("template");
    all.innerHTML = rows;
    body.append(all.content);
    load(box.dataset.board);
  };
  load(box.dataset.rows || box.dataset.board);
})();
