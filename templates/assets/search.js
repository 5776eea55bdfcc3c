/* Finds an entity by words of its name, from any page, also one opened from a disk. What
   there is to find is fetched when a reader turns to the field. */
(function () {
  "use strict";
  var MOST = 10;
  var here = document.currentScript.src;
  var site = new URL("..", here).href;
  var entries = document.querySelector(".top nav ul");
  if (!entries) return;
  var pages = null, shown = [], at = -1;

  window.harnessBench = window.harnessBench || {};
  harnessBench.pages = function (found) { pages = found; show(); };

  function made(name, attributes) {
    var found = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { found.setAttribute(key, attributes[key]); });
    return found;
  }
  var form = made("form", { role: "search", "class": "search" });
  var field = made("input", {
    type: "search", role: "combobox", placeholder: "A model, harness, combo or task", autocomplete: "off", spellcheck: "false",
    "aria-label": "Words of its name", "aria-autocomplete": "list",
    "aria-expanded": "false", "aria-controls": "found",
  });
  var list = made("ul", { id: "found", role: "listbox", "aria-label": "Found" });
  var said = made("p", { role: "status", "class": "said" });
  var entry = made("li", {});
  var button = made("button", { type: "button", "aria-expanded": "false", "aria-keyshortcuts": "/" });
  button.textContent = "Search";
  list.hidden = form.hidden = true;
  form.append(field, list, said);
  entry.append(button, form);
  entries.append(entry);

  function fetched() {
    if (pages || document.querySelector("script[data-pages]")) return;
    document.head.append(made("script", { src: new URL("pages.js", here).href, "data-pages": "" }));
  }

  function matches() {
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!pages || !words.length) return [];
    var found = pages.filter(function (page) {
      var text = (page[1] + " " + page[2] + " " + page[0]).toLowerCase();
      return words.every(function (word) { return text.indexOf(word) >= 0; });
    });
    function begins(page) { return page[1].toLowerCase().indexOf(words[0]) === 0 ? 0 : 1; }
    return found.sort(function (a, b) {  // stable: otherwise in the order of the site
      return begins(a) - begins(b) || (begins(a) ? 0 : a[1].length - b[1].length);
    });
  }

  function show() {
    var all = matches(), asked = pages && field.value.trim() !== "";
    shown = all.slice(0, MOST);
    at = -1;
    list.replaceChildren.apply(list, shown.map(function (page, i) {
      var item = made("li", { role: "option", id: "found-" + i, "aria-selected": "false" });
      var link = made("a", { href: new URL(page[3], site).href, tabindex: "-1" });
      var kind = made("span", {});
      kind.textContent = page[0];
      link.append(page[1], " ", kind);
      item.append(link);
      return item;
    }));
    list.hidden = !shown.length || !asked;
    field.setAttribute("aria-expanded", String(!list.hidden));
    field.removeAttribute("aria-activedescendant");
    said.textContent = !asked ? "" : all.length > MOST ? "The first " + MOST + " of " + all.length :
      all.length ? "" : "No page has these words.";
  }

  function choose(step) {
    if (!shown.length) return;
    at = (at + step + shown.length + (at < 0 && step < 0 ? 1 : 0)) % shown.length;
    Array.prototype.forEach.call(list.children, function (item, i) {
      item.setAttribute("aria-selected", String(i === at));
    });
    field.setAttribute("aria-activedescendant", "found-" + at);
  }

  function open(asked) {
    form.hidden = !asked;
    button.setAttribute("aria-expanded", String(asked));
    if (asked) { fetched(); field.focus(); field.select(); show(); }
  }

  button.addEventListener("click", function () { open(form.hidden); });
  field.addEventListener("input", show);
  form.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") { open(false); button.focus(); }
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var item = list.children[Math.max(at, 0)];
    if (item && !list.hidden) location.href = item.firstChild.href;
  });
  document.addEventListener("pointerdown", function (event) { if (!entry.contains(event.target)) open(false); });
  entry.addEventListener("focusout", function (event) {
    if (event.relatedTarget && !entry.contains(event.relatedTarget)) open(false);
  });
  document.addEventListener("keydown", function (event) {
    var busy = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key !== "/" || busy || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    open(true);
  });
})();
