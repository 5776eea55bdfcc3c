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

  document.querySelectorAll("[data-filter]").forEach(makeFilterable);
  document.querySelectorAll(".tablebox:not([data-board]) > table[data-sortable]").forEach(makeSortable);
})();
