// What the staff's pages gain when scripts run; without them everything still works.
import { initAll } from "./govuk-frontend.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// Parts that come anew carry the token of forms, as a form does.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector("input[name=csrf_token]");
  if (token) event.detail.ctx.request.headers["X-CSRFToken"] = token.value;
});
