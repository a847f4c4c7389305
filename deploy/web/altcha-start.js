// Starts the puzzle of the booking pages: <altcha-widget challenge="…"> in a form; this module, altcha.css, no more.
const language = document.documentElement.lang.toLowerCase().split("-")[0] || "en";
const texts = (code) => import(`./altcha-texts/${code}.js`);

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
