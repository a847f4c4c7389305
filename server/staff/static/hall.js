// Keeps the overview of a hall live: hears what happens, asks for what changed, and puts it in its place.
const OFTEN = 250; // ms between two questions at the least
const PATIENCE = 5; // so many times as long as the last answer took: a busy server is asked less
const LOST_AFTER = 5000; // ms until a broken line is said
const SILENT_AFTER = 11000; // the server speaks every 5 s; two missed words are silence
const WITHOUT_FACTS = 10000; // ms: time alone changes what is shown

const hall = document.getElementById("hall");
const sign = document.getElementById("hall-sign");
const clock = document.getElementById("hall-clock");
const shown = new Map();
let heard = 0; // the newest fact
let asOf = 0; // what is shown knows the facts up to this one
let ahead = 0; // ms by which the server's clock is ahead of ours
let lastData = Date.now();
let brokenSince = null;
let asking = false;
let notBefore = 0;
let timer = null;

// The tokens of forms change with each answer, and are no change.
const same = (html) => html.replace(/(name="csrf_token" value=")[^"]*/g, "$1");
const pieces = (root) => [...root.querySelectorAll("[data-live][id]")];
const isInUse = (piece) => piece.matches("details[open]") || piece.querySelector("details[open]") !== null;

function readState(root) {
  const state = root.querySelector("#hall-state");
  asOf = Number(state.dataset.asOf);
  ahead = Date.parse(state.dataset.now) - Date.now();
}

const focusable = (piece) => [...piece.querySelectorAll("a, button, summary, input, select")];

function swap(old, fresh) {
  const place = focusable(old).indexOf(document.activeElement);
  shown.set(fresh.id, same(fresh.outerHTML));
  old.replaceWith(fresh);
  if (place >= 0) focusable(fresh)[place]?.focus({ preventScroll: true });
}

// All readers get the same part; the token of their own forms comes beside it.
function put(html, token) {
  const root = document.createElement("template");
  root.innerHTML = html;
  for (const field of root.content.querySelectorAll('input[name="csrf_token"]')) field.value = token;
  const fresh = pieces(root.content);
  readState(root.content);
  const ids = (list) => list.map((piece) => piece.id).join();
  const now = pieces(hall);
  if (ids(fresh) !== ids(now)) {
    // Counters or services came or went: all is put anew, unless somebody is at work in a menu.
    if (hall.querySelector("details[open]") || hall.contains(document.activeElement)) return;
    hall.replaceChildren(root.content);
    for (const piece of pieces(hall)) shown.set(piece.id, same(piece.outerHTML));
    return;
  }
  for (const piece of fresh) {
    const old = document.getElementById(piece.id);
    if (shown.get(piece.id) !== same(piece.outerHTML) && !isInUse(old)) swap(old, piece);
  }
}

function wish(within = 0) {
  if (asking || timer !== null) return;
  timer = setTimeout(ask, Math.max(within, notBefore - Date.now()));
}

async function ask() {
  timer = null;
  asking = true;
  const began = performance.now();
  try {
    const answer = await fetch(hall.dataset.source, { headers: { "HX-Request": "true" }, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) return location.reload();
    if (answer.ok) put(await answer.text(), answer.headers.get("X-CSRFToken"));
  } catch {
    // The sign says it; the next word of the stream, or the next look, asks again.
  } finally {
    asking = false;
    notBefore = Date.now() + Math.max(OFTEN, PATIENCE * (performance.now() - began));
    tick();
    if (heard > asOf) wish();
  }
}

function listen() {
  const stream = new EventSource(hall.dataset.stream);
  const alive = () => {
    lastData = Date.now();
    brokenSince = null;
  };
  stream.addEventListener("ping", alive);
  for (const fact of hall.dataset.facts.split(" ")) {
    stream.addEventListener(fact, (event) => {
      alive();
      heard = Math.max(heard, Number(event.lastEventId));
      wish();
    });
  }
  stream.onopen = () => {
    alive();
    wish();
  };
  stream.onerror = () => {
    brokenSince ??= Date.now();
    wish(); // whether the reader may still look here is found out at once
    if (stream.readyState === EventSource.CLOSED) {
      // Refused: the question for what changed finds out whether the session is over.
      setTimeout(listen, 5000);
    }
  };
}

function tick() {
  const now = Date.now();
  const isLost = (brokenSince !== null && now - brokenSince > LOST_AFTER) || now - lastData > SILENT_AFTER;
  const hour = (at, more) => new Date(at + ahead).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: hall.dataset.zone, ...more });
  const text = isLost ? sign.dataset.lost.replace("{time}", hour(lastData, { second: "2-digit" })) : sign.dataset.live;
  if (sign.textContent !== text) sign.textContent = text;
  sign.classList.toggle("hall-sign--lost", isLost);
  const time = hour(now);
  if (clock.textContent !== time) clock.textContent = time;
  for (const each of hall.querySelectorAll("time[data-since]")) {
    const seconds = Math.max(0, Math.floor((now + ahead - Date.parse(each.dataset.since)) / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const [first, ...rest] = parts[0] ? parts : parts.slice(1);
    each.textContent = [first, ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
  }
}

if (hall) {
  for (const piece of pieces(hall)) shown.set(piece.id, same(piece.outerHTML));
  readState(hall);
  sign.hidden = clock.hidden = false;
  listen();
  tick();
  setInterval(tick, 1000);
  setInterval(() => wish(), WITHOUT_FACTS);
  // What an alarm leads to may be in a menu that is not open.
  hall.addEventListener("click", (event) => {
    const way = event.target.closest('a[href^="#"]');
    const place = way && document.getElementById(way.hash.slice(1));
    if (!place) return;
    const menu = place.closest("details");
    if (menu) {
      event.preventDefault();
      menu.open = true;
      place.scrollIntoView({ block: "center" });
      place.focus();
    }
  });
  // A menu that was closed may have missed a change.
  hall.addEventListener("toggle", (event) => { if (!event.target.open) wish(); }, true);
}
