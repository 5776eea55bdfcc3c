/* Sorts and filters tables whose every cell and sort key were computed before.
   Nothing is estimated here; without this file the tables stand as printed. */
(function () {
  "use strict";

  function key(row, column) {
    var value = row.cells[column].dataset.sort;
    if (value === undefined) return null;
    var number = Number(value);
    return Number.isNaN(number) ? value : number;
  }

  function compare(a, b) {
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
    return typeof a === "number" ? -1 : 1;
  }

  function sort(table, column, direction) {
    var body = table.tBodies[0];
    var sign = direction === "ascending" ? 1 : -1;
    var rows = Array.prototype.map.call(body.rows, function (row, index) {
      return { row: row, key: key(row, column), index: index };
    });
    rows.sort(function (a, b) {
      if (a.key === null || b.key === null) {
        return (a.key === null) - (b.key === null) || a.index - b.index;
      }
      return sign * compare(a.key, b.key) || a.index - b.index;
    });
    rows.forEach(function (item) { body.appendChild(item.row); });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, index) {
      if (index === column) cell.setAttribute("aria-sort", direction);
      else cell.removeAttribute("aria-sort");
    });
  }

  /* The order that puts the best first, and names as in a dictionary. */
  function best(head) {
    return head.dataset.first || (head.classList.contains("number") ? "descending" : "ascending");
  }

  function makeSortable(table) {
    if (table.tBodies[0].rows.length < 2) return;
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      cell.textContent = "";
      cell.appendChild(button);
      button.addEventListener("click", function () {
        var now = cell.getAttribute("aria-sort");
        var first = best(cell);
        var other = first === "ascending" ? "descending" : "ascending";
        sort(table, column, now === first ? other : first);
      });
    });
  }

  function sorter(table) {
    var select = document.createElement("select");
    select.className = "sorter";
    select.setAttribute("aria-label", "Sort by");
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, column) {
      var option = document.createElement("option");
      option.value = column;
      option.textContent = "Sort by " + cell.textContent.toLowerCase();
      option.selected = cell.hasAttribute("aria-sort");
      select.appendChild(option);
    });
    select.addEventListener("change", function () {
      var cell = table.tHead.rows[0].cells[select.value];
      sort(table, Number(select.value), best(cell));
    });
    return select;
  }

  function makeFilterable(box) {
    var table = box.querySelector("table");
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var controls = document.createElement("div");
    controls.className = "controls";
    var input = document.createElement("input");
    input.type = "search";
    input.placeholder = "Filter the rows";
    input.setAttribute("aria-label", "Filter the rows of this table");
    var count = document.createElement("span");
    count.setAttribute("role", "status");
    var text = rows.map(function (row) { return row.textContent.toLowerCase(); });

    function show() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (row, index) {
        row.hidden = !words.every(function (word) { return text[index].indexOf(word) >= 0; });
        if (!row.hidden) shown += 1;
      });
      count.textContent = shown + " of " + rows.length + " rows" + (shown ? "" : ": nothing has all of these words");
    }

    input.addEventListener("input", show);
    controls.append(input, sorter(table), count);
    box.insertBefore(controls, table);
    show();
  }

  /* Laid out as a list, a table is one for screen readers by its roles alone. On the
     page itself the HTML standard forbids them, as it says the same already. */
  var roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TH: "columnheader", TD: "cell" };
  if (matchMedia("(max-width: 46rem)").matches) {
    document.querySelectorAll("table, thead, tbody, tr, th, td").forEach(function (part) {
      part.setAttribute("role", part.scope === "rowgroup" ? "rowheader" : roles[part.tagName]);
    });
  }

  function plain(cell) {
    var parts = Array.prototype.map.call(cell.childNodes, function (node) {
      return node.ariaHidden === "true" ? "" : node.textContent.trim();
    });
    return parts.filter(Boolean).join(" ").replace(/\s+/g, " ").replace(/[\\|*_`<\[\]]/g, "\\$&");
  }

  /* What is shown, in the order in which it stands; links only from the web. */
  function markdown(table) {
    function shown(parts) {
      return Array.prototype.filter.call(parts, function (part) { return !part.hidden; });
    }
    function line(row) {
      var cells = shown(row.cells).map(function (cell) {
        var link = /^http/.test(location.protocol) && cell.querySelector("a[href]");
        return link ? "[" + plain(cell) + "](" + link.href + ")" : plain(cell);
      });
      while (cells.length < heads.length) cells.push("");
      return "| " + cells.join(" | ") + " |";
    }
    var head = table.tHead.rows[0];
    var heads = shown(head.cells);
    var rule = heads.map(function (cell) {
      return cell.classList.contains("number") ? "--:" : "---";
    });
    var rows = shown(table.tBodies[0].rows);
    return [line(head), "| " + rule.join(" | ") + " |"].concat(rows.map(line)).join("\n") + "\n";
  }

  function copy(text) {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    var area = document.createElement("textarea");
    area.value = text;
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("the browser refuses"));
  }

  function makeCopyable(table) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy as Markdown";
    button.addEventListener("click", function () {
      copy(markdown(table)).then(function () { button.textContent = "Copied"; }, function (error) {
        button.textContent = "Not copied: " + error.message;
      });
    });
    table.after(button);
  }

  document.querySelectorAll(".tablebox > table").forEach(makeCopyable);
  document.querySelectorAll("[data-filter]").forEach(makeFilterable);
  document.querySelectorAll(".tablebox:not([data-board]) > table[data-sortable]").forEach(makeSortable);
})();
