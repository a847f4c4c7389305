// A counter in the browser: its keys, the sign of a lost line, and a strip that stays in sight.
// Without scripts every step is a plain form; the server alone says what may be done.
const SETTLE_MS = 350;
const KEY_PAUSE_MS = 700;
const LOST_AFTER_MS = 5000;

const desk = () => document.getElementById("desk");
const byId = (id) => document.getElementById(id);
let shownTicket = desk()?.dataset.ticket;
let changedAt = -SETTLE_MS;
let lastAct = { key: null, at: -KEY_PAUSE_MS };
let isActing = false;
let heardAt = performance.now();
let strip = null;
// The server's clock counts; this one may be wrong.
let aheadMs = Date.now() - Number(desk()?.dataset.now ?? Date.now());

document.body.classList.add("js-enabled");
const isLost = () => performance.now() - heardAt > LOST_AFTER_MS;

// --- what must not be taken twice ---

// A press is dropped while a step is under way, just after another ticket came into sight, without a line,
// and when the same key did something a moment ago.
function isTooSoon(key) {
  const now = performance.now();
  return isActing || isLost() || now < changedAt + SETTLE_MS || (key && key === lastAct.key && now < lastAct.at + KEY_PAUSE_MS);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("#desk")) return;
  if (form.matches(".counter-checks")) {
    event.preventDefault(); // each tick is sent when it is made
    return;
  }
  const key = event.submitter?.dataset.key ?? null;
  if (isTooSoon(key)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  isActing = true;
  lastAct = { key, at: performance.now() };
  form.closest("[popover]")?.hidePopover?.();
}, true);

// Ticks go their own way: they wait for no step, and no step waits for them.
const isTick = (event) => event.detail.ctx?.sourceElement?.matches?.(".counter-checks") ?? false;
const isAct = (event) => event.detail.ctx?.request?.method === "POST" && !isTick(event);
let askedAt = 0;
let tickedAt = 0;

document.addEventListener("htmx:config:request", (event) => {
  askedAt = performance.now();
  if (!isTick(event)) return;
  tickedAt = Infinity;
  // The page's key would stand for two different sets of ticks.
  event.detail.ctx.request.body.set("key", [...crypto.getRandomValues(new Uint32Array(4))].join("-"));
});

document.addEventListener("htmx:before:request", (event) => { if (isAct(event)) byId("counter-lost").hidden = true; });
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.response.status < 500) heardAt = performance.now();
  if (isAct(event) && event.detail.ctx.response.status >= 400) byId("counter-lost").hidden = false;
  tellLink();
});
document.addEventListener("htmx:error", (event) => {
  if (isAct(event)) byId("counter-lost").hidden = false;
});
document.addEventListener("htmx:finally:request", (event) => {
  if (isAct(event)) isActing = false;
  if (isTick(event)) {
    tickedAt = performance.now();
    look();
  }
});
// An answer without a part of the page (nothing new, or refused) comes by here as well.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.swap === "none") return;
  fullAt = performance.now();
  redraw();
});

// --- what is drawn besides ---

function redraw() {
  const now = desk().dataset.ticket;
  aheadMs = Date.now() - Number(desk().dataset.now);
  if (now !== shownTicket) {
    shownTicket = now;
    changedAt = performance.now();
    for (const open of document.querySelectorAll("#desk [popover]:popover-open")) open.hidePopover();
  }
  // What was asked for before the last tick may not know of it.
  if (askedAt > tickedAt) for (const box of document.querySelectorAll(".counter-checks input[type=checkbox]")) box.checked = box.defaultChecked;
  tick();
  drawStrip();
}

function tick() {
  for (const each of document.querySelectorAll(".counter-time[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - aheadMs - Number(each.dataset.since)) / 1000));
    each.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function tellLink() {
  const sign = byId("counter-link");
  byId("counter-away").hidden = !isLost();
  if (sign) {
    sign.textContent = isLost() ? sign.dataset.gone : sign.dataset.here;
    sign.classList.toggle("counter-link--gone", isLost());
  }
}

setInterval(() => { tick(); tellLink(); drawStrip(); }, 1000);

// --- keys ---

const NAMES = /^(F([1-9]|1[0-2])|Escape)$/;

function keyOf(event) {
  if (event.altKey || event.metaKey || event.shiftKey) return null;
  const name = event.key === "Escape" ? "Esc" : event.key;
  if (event.ctrlKey) {
    if (/^F\d+$/.test(name)) return `Ctrl+${name}`;
    if (/^p$/i.test(name) && !document.querySelector('[data-key="Ctrl+P"]')) return null;
    return /^[zmp]$/i.test(name) ? `Ctrl+${name.toUpperCase()}` : null;
  }
  return NAMES.test(event.key) ? name : null;
}

// A question that another led to comes after it.
const openQuestion = () => [...document.querySelectorAll("[popover]:popover-open")].at(-1);
const isTyping = (at) => at?.matches?.("input:not([type=radio]):not([type=checkbox]), select, textarea");

function pressed(event) {
  const question = openQuestion();
  if (question && /^[1-9]$/.test(event.key) && !isTyping(event.target)) {
    event.preventDefault();
    if (!event.repeat) question.querySelectorAll(".counter-choice")[Number(event.key) - 1]?.click();
    return;
  }
  if (question && event.key === "Enter" && isTyping(event.target)) {
    event.preventDefault();
    question.querySelector(".counter-choice")?.focus();
    return;
  }
  if (question && event.key === "Enter") {
    const ending = question.querySelector("[data-enter]");
    if (ending || event.repeat) event.preventDefault();
    if (!event.repeat) ending?.click();
    return;
  }
  const key = keyOf(event);
  if (key === null || (key === "Esc" && question)) return;  // the browser closes what is open
  if (key === "Ctrl+Z" && isTyping(event.target) && event.target.value) return;
  event.preventDefault();
  if (event.repeat) return;
  const field = document.querySelector(`[data-focus="${key}"]`);
  if (field) {
    field.focus();
    field.select();
    return;
  }
  const button = document.querySelector(`[data-key="${key}"]`);
  if (!button || (question && !question.contains(button) && button.popoverTargetElement !== question)) return;
  if (button.matches("[popovertarget]")) {
    if (!button.closest("#desk") || !isTooSoon(key)) button.click();
    return;
  }
  button.click();
}

document.addEventListener("keydown", pressed);
// Before it is open: a digit that follows at once must not be undone.
document.addEventListener("beforetoggle", (event) => {
  if (event.newState !== "open") return;
  for (const box of event.target.querySelectorAll("[type=checkbox]")) box.checked = box.defaultChecked;
}, true);
document.addEventListener("toggle", (event) => {
  if (event.newState !== "open") return;
  (event.target.querySelector("[data-enter]") ?? event.target.querySelector(".counter-choice, select, button"))?.focus();
}, true);
// A list that a key opened can be chosen from at once.
document.addEventListener("htmx:after:settle", (event) => {
  if (document.activeElement?.closest?.(".counter-tabs")) document.querySelector(".counter-rows input")?.focus();
});

// --- the strip ---

const way = byId("counter-strip");
way?.addEventListener("click", async (event) => {
  event.preventDefault();
  if (strip) {
    strip.close();
    return;
  }
  if (!("documentPictureInPicture" in window)) {
    window.open(way.href, "numerek-strip", "popup,width=560,height=120");
    return;
  }
  strip = await documentPictureInPicture.requestWindow({ width: 460, height: 72 });
  strip.document.documentElement.lang = document.documentElement.lang;
  strip.document.title = document.title;
  for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) strip.document.head.append(sheet.cloneNode());
  strip.document.body.className = "staff counter-strip-page";
  strip.document.addEventListener("keydown", pressed);
  strip.addEventListener("pagehide", () => { strip = null; });
  drawStrip();
});

function element(name, className, text) {
  const made = strip.document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function drawStrip() {
  if (!strip || !desk()) return;
  const number = byId("counter-number").textContent;
  const time = desk().querySelector(".counter-time")?.textContent ?? "";
  const main = byId("main");
  const told = desk().querySelector(".counter-attention__line > span") ?? desk().querySelector(".counter-said");
  const said = isLost() ? byId("counter-away").textContent : (told?.textContent ?? "");
  const face = [number, time, main?.innerText ?? "", said].join("\n");
  if (strip.document.body.dataset.face === face) return;
  const held = strip.document.activeElement?.tagName === "BUTTON";
  const bar = element("main", "counter-strip", "");
  bar.append(element("strong", "counter-bar__number", number), element("span", "counter-bar__state", `${time} ${said}`.trim()));
  if (main) {
    const button = element("button", "staff-button staff-button--main counter-main", main.firstChild.textContent.trim());
    button.append(" ", element("kbd", "", main.dataset.key));
    button.addEventListener("click", () => byId("main")?.click());
    bar.append(button);
  }
  strip.document.body.replaceChildren(bar);
  strip.document.body.dataset.face = face;
  if (held) bar.querySelector("button")?.focus();
}

// --- the stream: what happens in the hall is looked at when it happens ---

const FULL_EVERY_MS = 10000; // minutes pass without a fact
const BURST_MS = 200;
let fullAt = 0;
let isLooking = false;
let looksAgain = false;

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement !== desk() || ctx.request.method !== "GET") return;
  const isFresh = !looksAgain && performance.now() - fullAt < FULL_EVERY_MS;
  if (isFresh) ctx.request.action += `&seen=${desk().dataset.asOf}`;
});
document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement !== desk() || isAct(event)) return;
  isLooking = true;
  looksAgain = false;
});
document.addEventListener("htmx:finally:request", () => {
  isLooking = false;
  if (looksAgain) look();
});

let timer = null;
function look() {
  looksAgain = true;
  if (isLooking || isActing || timer !== null) return;
  htmx.trigger(desk(), "look");
  timer = setTimeout(() => {
    timer = null;
    if (looksAgain) look();
  }, BURST_MS);
}

function listen() {
  const stream = new EventSource(desk().dataset.stream);
  for (const fact of desk().dataset.facts.split(" ")) stream.addEventListener(fact, look);
  stream.onerror = () => {
    // Refused or not there: the page goes on by asking every two seconds.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 30000);
  };
}

listen();
tick();
tellLink();
