// What a page gains when scripts run; without them everything still works.
import { initAll } from "./govuk-frontend.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// The answer to a form with mistakes: "Back" opens the page itself later, and does not ask to send the form again.
if (document.querySelector(".govuk-error-summary")) history.replaceState(null, "", location.href);

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// How long something is still kept; the hour itself stands beside it, for those without scripts.
for (const line of document.querySelectorAll("[data-until]")) {
  const until = Date.parse(line.dataset.until);
  const show = () => {
    const left = Math.max(0, Math.round((until - Date.now()) / 1000));
    line.textContent = `${line.dataset.words} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    line.hidden = left === 0 || left > 3600;
    if (left > 0) setTimeout(show, 1000);
  };
  show();
}
