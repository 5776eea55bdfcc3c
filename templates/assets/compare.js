/* Puts up to six combos side by side, from the files that were made for each.
   Which ones stands in the address after "#". Nothing is estimated here. */
(function () {
  "use strict";
  var MOST = 6;
  var MANY = 40;
  var site = new URL("..", document.currentScript.src).href;
  var main = document.getElementById("main");
  var lead = main.querySelector(".lead");
  var heading = main.querySelector("h1");
  var printed = { lead: Array.prototype.slice.call(lead.childNodes), heading: heading.textContent };
  var place = document.createElement("div");
  var told = {};
  var asked = {};

  window.harnessBench = window.harnessBench || {};
  harnessBench.compared = function (name, value) { told[name] = value; };

  function element(name, attributes, children) { return filled(document.createElement(name), attributes, children); }

  function drawn(name, attributes, children) {
    return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
  }

  function filled(found, attributes, children) {
    Object.keys(attributes || {}).forEach(function (key) {
      if (key === "text") found.textContent = attributes[key];
      else found.setAttribute(key, attributes[key]);
    });
    (children || []).forEach(function (child) { if (child) found.append(child); });
    return found;
  }

  function load(path) {
    asked[path] = asked[path] || new Promise(function (resolve) {
      var script = element("script", { src: site + path });
      script.onload = script.onerror = resolve;
      document.head.append(script);
    });
    return asked[path];
  }

  function link(text, path) { return element("a", { href: new URL(path, site).href, text: text }); }

  function title(one) { return [one.name, one.quant].filter(Boolean).join(" ") + " in " + one.harness; }

  function numbered(n, noun) { return n + " " + noun + (n === 1 ? "" : "s"); }

  function cell(kind, content, label) {
    var found = element("td", { role: "cell", class: kind, "data-label": label || "" });
    found.append.apply(found, [].concat(content));
    return found;
  }

  function grid(caption, heads, rows) {
    return element("div", { class: "tablebox" }, [element("table", { role: "table" }, [
      element("caption", { text: caption }),
      element("thead", { role: "rowgroup" }, [element("tr", { role: "row" }, heads.map(function (head) {
        return element("th", { role: "columnheader", scope: "col", class: head[1], text: head[0] });
      }))]),
      element("tbody", { role: "rowgroup" }, rows)
    ])]);
  }

  function row(cells, kind) { return element("tr", { role: "row", class: kind || "" }, cells); }

  function section(name, anchor, words, content) {
    place.append(element("section", { "aria-labelledby": anchor }, [element("h2", { id: anchor, text: name }),
      words && element("div", { class: "words" }, [element("p", { text: words })]), content]));
  }

  // Verdicts

  function letters(tier) { return tier.match(/\[\d+\]|./g) || []; }

  /* What is known of two: the published comparison, or the verdict alone. */
  function between(a, b) {
    var found = a.data.pairs[b.id];
    if (found) return found;
    if (!a.data.tier || !b.data.tier) return null;
    var theirs = letters(b.data.tier);
    return { apart: !letters(a.data.tier).some(function (each) { return theirs.indexOf(each) >= 0; }) };
  }

  function verdict(found) {
    if (!found) return "not told";
    return found.apart ? "can be told apart" : "cannot be told apart";
  }

  function whole(pair) { return pair.found !== null && pair.found.mean !== undefined; }

  /* An interval is of one pair; among many pairs some miss 0 by chance, which the verdict allows for. */
  function misses0(pair) {
    var ends = whole(pair) && !pair.found.apart && pair.found.ends;
    return ends && (ends[0] > 0 || ends[1] < 0);
  }

  function pairs(entries) {
    var found = [];
    entries.forEach(function (a, at) {
      entries.slice(at + 1).forEach(function (b) { found.push({ a: a, b: b, found: between(a, b) }); });
    });
    return found;
  }

  function said(entries, all) {
    var known = all.filter(function (pair) { return pair.found; });
    if (!known.length) return told[""].cells ? "No verdict: too little of what they share was run." : told[""].note;
    if (all.length > 1) {
      var apart = known.filter(function (pair) { return pair.found.apart; }).length;
      return "Of " + numbered(all.length, "pair") + ", " + (apart || "none") + " can be told apart on what they passed"
        + (apart ? "." : ": all of that may be chance.");
    }
    var one = all[0];
    var found = one.found;
    var text = "They " + verdict(found) + " on what they passed"
      + (found.apart ? ": " + title(found.mean > 0 ? one.a.data : one.b.data) + " is the better." : ": it may be chance.");
    if (found.mean === undefined && found.apart) text = "They can be told apart on what they passed.";
    if (found.need) text += " If the true difference were the one seen, " + found.need + " would show it.";
    if (found.time) {
      text += " Where both passed, " + title(one.a.data) + " took " + found.time + " times as long"
        + (found.timeApart ? "." : "; whether that is chance is open.");
    }
    return text;
  }

  // What is shown

  function entriesTable(entries) {
    var more = [["tokens", "Tokens"], ["cost", "Cost"]].filter(function (each) {
      return entries.some(function (one) { return one.data[each[0]]; });
    });
    var heads = [["Combo", "name"], ["Passed", "number"], ["95 % interval", "number"], ["Time", "number"]];
    more.forEach(function (each) { heads.push([each[1], "number"]); });
    return grid("What each did", heads, entries.map(function (one) {
      var at = one.data;
      return row([cell("name", [link(at.name, at.href), element("span", { class: "muted", text: " " + at.quant + " " + at.harness })]),
        cell("number", at.passed, "Passed"), cell("number folds", at.interval + " %", "95 % interval"),
        cell("number folds", at.time || "–", "Time")].concat(more.map(function (each) {
          return cell("number folds", at[each[0]] || "–", each[1]);
        })));
    }));
  }

  /* The interval on an axis whose middle is "equal". */
  function span(found, reach) {
    function at(value) { return ((value / reach + 1) * 50).toFixed(2) + "%"; }
    var ends = found.ends || [found.mean, found.mean];
    return drawn("svg", { class: "span equal", "aria-hidden": "true" }, [drawn("line", { x1: at(ends[0]), x2: at(ends[1]) }),
      drawn("line", { x1: at(found.mean), x2: at(found.mean) })]);
  }

  function pairsTable(all) {
    var most = 0;
    all.forEach(function (pair) {
      if (whole(pair)) {
        (pair.found.ends || []).concat(pair.found.mean).forEach(function (end) { most = Math.max(most, Math.abs(end)); });
      }
    });
    var reach = Math.max(0.1, Math.ceil(most * 10) / 10);
    var timed = all.some(function (pair) { return pair.found && pair.found.time; });
    var heads = [["Pair", "name"], ["Difference", "number"], ["95 % interval", "interval"], ["p", "number"], ["Verdict", "text"]];
    if (timed) heads.push(["Time", "number"]);
    return grid("Each pair: positive differences favour the first", heads, all.map(function (pair) {
      var found = pair.found || {};
      var known = whole(pair);
      var cells = [cell("name", [title(pair.a.data) + " ", element("span", { class: "muted", text: "against " }), title(pair.b.data)]),
        cell("number", known ? found.difference : "–"),
        known && found.ends ? cell("interval folds", [span(found, reach), element("span", { class: "range", text: found.interval })]) : cell("interval folds empty", "–"),
        known ? cell("number folds", found.p, "p") : cell("number folds empty", "–"),
        cell("text folds verdict", verdict(pair.found))];
      if (timed) {
        cells.push(found.time ? cell("number folds", found.time + "×" + (found.timeEnds.length ? " (" + found.timeEnds.join(" to ") + ")" : ""), "Time") : cell("number folds empty", "–"));
      }
      return row(cells);
    }));
  }

  /* One trial is a mark; of several, so many passed. */
  function mark(done) {
    if (!done) return element("td");
    var look = done[0] === done[1] ? "p" : done[0] ? "s" : "f";
    var count = done[1] > 1 ? done[0] + "/" + done[1] : look === "f" ? "×" : done[2] ? "" : "✓";
    return element("td", { class: look, text: [count, done[2]].filter(Boolean).join(" ") });
  }

  function byTask(entries) {
    var tasks = told[""].tasks;
    if (!tasks.length) {
      if (!told[""].cells) section("Task by task", "tasks", "Who passed which task is private, and not shown.");
      return;
    }
    var parted = 0;
    var rows = tasks.map(function (task, index) {
      var done = entries.map(function (one) { return one.data.tasks[index]; });
      var shares = new Set(done.filter(Boolean).map(function (each) { return each[0] / each[1]; }));
      parted += shares.size > 1;
      return element("tr", shares.size > 1 ? { class: "picked" } : {}, [element("th", { scope: "row" }, [link(task[0], task[1])])]
        .concat(done.map(mark), element("td", { class: "muted", text: task[2] })));
    });
    var box = element("div", { class: "gridbox", tabindex: "0", role: "group", "aria-label": "Task by task" }, [
      element("table", { class: "marks" }, [element("caption", { text: "Task by task, hardest first" }),
        element("thead", {}, [element("tr", {}, [element("td")].concat(entries.map(function (one) {
          return element("th", { scope: "col", text: title(one.data) });
        }), element("th", { scope: "col", text: "of all" })))]),
        element("tbody", {}, rows)])]);
    section("Task by task", "tasks", "They part on " + parted + " of " + numbered(tasks.length, "task")
      + ", marked. Filled: passed; crossed: failed. Hardest first.", box);
    if (tasks.length <= MANY) return;
    rows.forEach(function (each, at) { each.hidden = parted ? each.className !== "picked" : at >= MANY; });
    var more = element("button", { type: "button", class: "more", text: "Show all " + tasks.length + " tasks" });
    more.addEventListener("click", function () {
      rows.forEach(function (each) { each.hidden = false; });
      more.remove();
    });
    box.append(more);
  }

  function show() {
    var ids = location.hash.replace(/^#/, "").split(",").filter(function (id, at, all) {
      return /^[a-z0-9._-]+$/.test(id) && all.indexOf(id) === at;
    });
    var wanted = ids.slice(0, MOST);
    Promise.all([load("compare/tasks.js")].concat(wanted.map(function (id) { return load("compare/combos/" + id + ".js"); }))).then(function () {
      var here = wanted.filter(function (id) { return told[id]; });
      var entries = here.map(function (id) { return { id: id, data: told[id] }; });
      var strange = ids.filter(function (id) { return here.indexOf(id) < 0; });
      place.textContent = "";
      lead.textContent = "";
      var note = strange.length && element("p", { text: "Not compared: " + strange.join(", ") + (ids.length > MOST ? "; six are the most." : ".") });
      if (entries.length < 2 || !told[""]) {
        heading.textContent = printed.heading;
        lead.append.apply(lead, printed.lead);
        if (note) lead.prepend(note);
        if (entries.length) lead.prepend(element("p", { text: "Only " + title(entries[0].data) + " is marked: it takes two to compare." }));
        return;
      }
      var all = pairs(entries);
      heading.textContent = entries.length > 2 ? entries.length + " combos compared" : title(entries[0].data) + ", or " + title(entries[1].data) + "?";
      document.title = heading.textContent;
      lead.append(element("p", {}, [element("strong", { text: said(entries, all) })]));
      if (note) lead.append(note);
      lead.append(element("p", {}, [link("Choose others on the board", "index.html#compare=" + here.join(","))]));
      section("What each did", "entries", "", entriesTable(entries));
      if (told[""].cells) section("Each pair", "pairs", "Positive differences, right of the line in the middle, favour the first of two. " + told[""].note + (all.some(misses0) ? told[""].alone : "") + (all.every(whole) ? "" : told[""].capped), pairsTable(all));
      byTask(entries);
    });
  }

  main.append(place);
  addEventListener("hashchange", show);
  if (location.hash.length > 1) show();
})();
