/* Light or dark: the reader's system decides, and the button overrules it. An embedded
   chart is light, as most posts are, unless ?theme=dark or ?theme=auto of its address
   says otherwise. */
(function () {
  "use strict";
  var root = document.documentElement;
  var names = { "": "Theme: system", light: "Theme: light", dark: "Theme: dark" };
  function stored() {
    try { return localStorage.getItem("theme") || ""; } catch (error) { return ""; }
  }
  function apply(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.dispatchEvent(new Event("themechange"));
  }
  var asked = new URLSearchParams(location.search).get("theme");
  apply(asked || root.dataset.theme || stored());
  document.addEventListener("DOMContentLoaded", function () {
    var bar = document.querySelector(".footer-theme, footer p");
    if (!bar) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "theme";
    function label() { button.textContent = names[root.dataset.theme || ""]; }
    label();
    button.addEventListener("click", function () {
      var next = { "": "light", light: "dark", dark: "" }[root.dataset.theme || ""];
      try { localStorage.setItem("theme", next); } catch (error) { /* private window */ }
      apply(next);
      label();
    });
    bar.appendChild(document.createTextNode(" "));
    bar.appendChild(button);
  });
})();
