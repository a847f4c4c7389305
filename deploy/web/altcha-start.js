// Starts the puzzle of the booking pages: <altcha-widget challenge="…"> in a form; this module, altcha.css, no more.
const language = document.documentElement.lang.toLowerCase().split("-")[0] || "en";
const texts = (code) => import(`./altcha-texts/${code}.js`);

// Browsers calculate only where the connection is secure; elsewhere waiting does it, as without scripts.
if (globalThis.crypto?.subtle) {
  for (const slow of document.querySelectorAll(".portal-puzzle__slow")) slow.hidden = true;
} else {
  for (const widget of document.querySelectorAll("altcha-widget")) widget.remove();
}

// A file of texts makes $altcha. Widget last: it works at once, so it must find its worker and its words.
await texts("en");
if (language !== "en") await texts(language).catch(() => undefined);
$altcha.algorithms.set(
  "PBKDF2/SHA-256",
  () => new Worker(new URL("altcha-worker.js", import.meta.url)),
);
$altcha.defaults.set({
  hideFooter: true,
  hideLogo: true,
  humanInteractionSignature: false, // nobody watches how the pointer moves
});
await import("./altcha.js");
