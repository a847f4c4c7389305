// What the staff's pages gain when scripts run; without them everything still works.
import { initAll } from "./govuk-frontend.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// Parts that come anew carry the token of forms, as a form does.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector("input[name=csrf_token]");
  if (token) event.detail.ctx.request.headers["X-CSRFToken"] = token.value;
});

// A press more while the answer is on its way is a slip of the finger or impatience, and is not sent; a server that
// is slow to answer is told. Forms that htmx sends, counters and passkeys have their own pauses.
const AWAITED_MS = 30000;
const SLOW_MS = 4000;
const sent = new WeakMap();
let slow = null;

const sign = document.createElement("div");
sign.setAttribute("role", "status");
document.body.append(sign);

function tellSlow(text) {
  sign.className = text ? "staff-slow" : "";
  sign.textContent = text;
}

function answered() {
  clearTimeout(slow);
  tellSlow("");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.closest("#desk") || "passkey" in form.dataset || form.matches("[hx-post], [hx-get]")) return;
  const now = performance.now();
  if (form.method === "post" && now < (sent.get(form) ?? -AWAITED_MS) + AWAITED_MS) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  sent.set(form, now);
  answered();
  slow = setTimeout(() => {
    tellSlow(document.body.dataset.slow);
    slow = setTimeout(answered, AWAITED_MS);
  }, SLOW_MS);
}, true);

// A page that the browser kept: the way back leads to it, and its forms may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  answered();
  for (const form of document.forms) sent.delete(form);
});
