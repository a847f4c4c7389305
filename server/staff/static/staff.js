// What the staff's pages gain when scripts run; without them everything still works.
import { initAll } from "./govuk-frontend.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// Parts that come anew carry the token of forms, as a form does.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector("input[name=csrf_token]");
  if (token) event.detail.ctx.request.headers["X-CSRFToken"] = token.value;
});

// A second press on the way to the answer is a slip of the finger; counters and passkeys have their own pauses.
const SLIP_MS = 1000;
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.closest("#desk") || "passkey" in form.dataset) return;
  const now = performance.now();
  if (now < (sent.get(form) ?? -SLIP_MS) + SLIP_MS) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else {
    sent.set(form, now);
  }
}, true);
