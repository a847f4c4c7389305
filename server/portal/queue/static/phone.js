// What the page of a ticket gains when scripts run: it stays current by itself, and a call rings, shakes and blinks.
// Without scripts it renews itself every few seconds.
(() => {
  "use strict";
  const page = document.body.dataset;
  const part = document.getElementById("ticket");
  const aloud = document.getElementById("aloud");
  const asOf = document.getElementById("as-of");
  const title = document.title;
  let etag = `W/"${page.etag}"`, call = page.call, isOver = page.over === "yes";
  let timer = 0, stream = null, failures = 0, isAsking = false, hasRung = false, sound = null, awake = null, blinking = 0;

  const chance = (from, to) => from + Math.random() * (to - from);
  const later = (seconds) => { clearTimeout(timer); if (!isOver) timer = setTimeout(ask, seconds * 1000); };
  const pause = () => {
    const usual = stream && stream.readyState === EventSource.OPEN ? page.slow : page.fast;
    // Whoever was refused comes again later and later, and not all at the same second.
    return chance(0.75, 1.25) * Math.min(120, usual * 2 ** failures);
  };

  async function ask() {
    if (isAsking) return;
    isAsking = true;
    let wait = 0;
    try {
      const answer = await fetch(page.state, { headers: { "If-None-Match": etag }, cache: "no-store" });
      if (answer.status === 404) { location.reload(); return; }
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") || "";
        show(await answer.json());
      }
      if (answer.status === 200 || answer.status === 304) {
        failures = 0;
        tellTime(answer.headers.get("Numerek-Time"));
      } else {
        failures = Math.min(failures + 1, 5);
        wait = Number(answer.headers.get("Retry-After")) || 0;
      }
    } catch {
      failures = Math.min(failures + 1, 5);
    } finally {
      isAsking = false;
    }
    later(Math.max(wait, 0) + pause());
  }

  function show(state) {
    const isTyping = document.activeElement && document.activeElement.tagName === "TEXTAREA";
    const isNews = state.call !== call || state.status !== page.status;
    if (isNews || !isTyping) {
      const held = document.activeElement && document.activeElement.id;
      part.innerHTML = state.html;
      if (held && document.getElementById(held)) document.getElementById(held).focus();
      offer();
    }
    if (isNews && aloud.textContent !== state.said) aloud.textContent = state.said;
    if (state.call !== call && state.status === "called") {
      if (!hasRung) ring();
      hasRung = false;
    }
    if (state.status !== "called") stopBlinking();
    call = state.call;
    page.status = state.status;
    isOver = state.over;
    if (isOver) { document.getElementById("renews")?.remove(); if (stream) stream.close(); letSleep(); }
  }

  function tellTime(now) {
    const at = now ? new Date(now) : new Date();
    const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: page.zone };
    asOf.textContent = new Intl.DateTimeFormat("en-GB", parts).format(at);
  }

  // Its own stream tells a call at once; all else is asked for.
  function listen() {
    if (isOver || !window.EventSource || stream && stream.readyState !== EventSource.CLOSED) return;
    stream = new EventSource(page.events);
    stream.addEventListener("open", ask);
    stream.addEventListener("ticket", (event) => {
      const told = JSON.parse(event.data);
      if (told.counter && (told.type === "ticket.called" || told.type === "ticket.recalled")) showCall(told.counter);
      ask();
    });
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 1000 * chance(20, 60));
      later(pause());
    });
  }

  // What stands in the page until the answer is there, a moment later.
  function showCall(counter) {
    const line = part.querySelector(".state");
    line.className = "state called";
    line.textContent = aloud.textContent = page.called.replace("{}", counter);
    hasRung = true;
    ring();
  }

  function ring() {
    if (navigator.vibrate) navigator.vibrate([400, 200, 400, 200, 400]);
    if (sound) for (const start of [0, 0.5, 1]) beep(start, 0.3);
    blink();
  }

  function beep(start, seconds) {
    const tone = sound.createOscillator(), volume = sound.createGain();
    const from = sound.currentTime + start;
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.4, from);
    volume.gain.exponentialRampToValueAtTime(0.01, from + seconds);
    tone.connect(volume).connect(sound.destination);
    tone.start(from);
    tone.stop(from + seconds);
  }

  // Less than once a second, so that it can hurt nobody; it ends when the page is looked at or touched.
  function blink() {
    stopBlinking();
    let left = 60;
    blinking = setInterval(() => {
      document.title = left % 2 ? title : `● ${aloud.textContent}`;
      left -= 1;
      if (left <= 0) stopBlinking();
    }, 700);
  }

  function stopBlinking() {
    clearInterval(blinking);
    document.title = title;
  }

  async function keepAwake() {
    try { awake = await navigator.wakeLock.request("screen"); } catch { awake = null; }
  }

  function letSleep() {
    if (awake) awake.release();
    awake = null;
  }

  // Sound wants a touch first: the button is only there with scripts.
  function offer() {
    const button = document.getElementById("ring");
    if (!button) return;
    button.hidden = !window.AudioContext;
    button.setAttribute("aria-pressed", String(Boolean(sound)));
    button.addEventListener("click", () => {
      if (sound) {
        sound.close();
        sound = null;
        letSleep();
      } else {
        sound = new AudioContext();
        sound.resume();
        beep(0, 0.15);
        keepAwake();
      }
      button.setAttribute("aria-pressed", String(Boolean(sound)));
    });
  }

  // A phone that slept shows an old state: it asks at once, and listens anew.
  function wake() {
    if (document.visibilityState !== "visible" || isOver) return;
    if (sound) { sound.resume(); keepAwake(); }
    clearTimeout(timer);
    ask();
    listen();
  }

  document.addEventListener("visibilitychange", wake);
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  window.addEventListener("online", wake);
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, stopBlinking);
  offer();
  if (!isOver) { tellTime(page.now); listen(); later(pause()); }
})();
