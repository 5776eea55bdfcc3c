// Reloads the page when the site changed, and says when it cannot be rebuilt.
const mine = document.currentScript.dataset.version;
let events = null;
let banner = null;

function show(problems) {
  banner?.remove();
  banner = null;
  if (problems.length === 0) return;
  banner = document.createElement("div");
  banner.id = "harness-bench-problems";
  banner.setAttribute("role", "status");
  banner.textContent =
    ["Not rebuilt; this is the last good site.", ...problems].join("\n");
  banner.style.cssText = `
    position: fixed; inset: auto 1rem 1rem auto; z-index: 9999;
    box-sizing: border-box; max-width: min(44rem, calc(100vw - 2rem));
    max-height: 40vh; overflow: auto; padding: .6rem .9rem; border-radius: .4rem;
    background: #5b1a12; color: #fff; font: 13px/1.5 ui-monospace, monospace;
    white-space: pre-wrap; overflow-wrap: anywhere`;
  document.body.append(banner);
}

function leave() {
  events?.close();
  events = null;
}

function listen() {
  if (events !== null || document.hidden) return;
  events = new EventSource("/.harness-bench/events");
  events.onmessage = (message) => {
    const state = JSON.parse(message.data);
    if (state.version === mine) show(state.problems);
    else location.reload();
  };
  events.onerror = () => {
    // Browsers try again, but not after every error.
    if (events?.readyState !== EventSource.CLOSED) return;
    leave();
    setTimeout(listen, 1000);
  };
}

// A browser opens six connections to a host: neither charts in frames nor pages
// in the background may hold one.
if (window.top === window) {
  document.addEventListener("visibilitychange", () =>
    document.hidden ? leave() : listen());
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", listen);
  listen();
}
