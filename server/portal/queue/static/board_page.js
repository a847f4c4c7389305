// Runs the board of a television: asks for snapshots, follows the stream, shows, flashes, chimes. board.js rules what
// is shown. For browsers of 2020 (ES2017, no build step); where there is no stream it asks every few seconds.
(function () {
  "use strict";
  const TICK_MS = 125, INACTIVITY_MS = 12000, ASK_AGAIN_MS = 1000, POLL_MS = 2000, PATIENCE_MS = 4000, SETUP_MS = 900000;
  const RETRY_MS = [200, 500, 1000, 1500], STEADY_MS = 5000, JITTER_MS = 250;
  const PAGE_SECONDS = 10, NOTICE_LETTERS = 150, FEW_CALLS = 2, BETWEEN = " · ", KEPT = "numerek.board.announced";
  const rules = window.NumerekBoard, body = document.body;
  let setup = JSON.parse(body.getAttribute("data-setup"));
  let heard = null, stream = null, lastSign = 0, tries = 0, again = 0, looks = 0, sound = null, drawn = "";
  const seconds = () => performance.now() / 1000;
  const find = (place, name) => place.querySelector(name);
  const halls = setup.halls.map((hall) => ({
    code: hall.code, place: find(document, '[data-hall="' + hall.code + '"]'), follows: false, isAsking: false,
    board: rules.begun(remembered(hall.code)),
  }));

  // The server's clock: every answer and ping sets it; a wrong clock of the television cannot move it.
  function hearTime(text) {
    const at = text ? rules.instant(text) : NaN;
    if (isNaN(at) || heard && now() - at >= 0 && now() - at < JITTER_MS) return;
    heard = { at: at, since: performance.now() };
  }
  const now = () => heard ? heard.at + performance.now() - heard.since : Date.now();

  function remembered(code) {
    try {
      const rows = JSON.parse(localStorage.getItem(KEPT + "." + code)) || [];
      return rows.filter((row) => typeof row.id === "number" && typeof row.calledAt === "number");
    } catch (error) { return []; }
  }
  function remember(hall) {
    try { localStorage.setItem(KEPT + "." + hall.code, JSON.stringify(hall.board.announced)); } catch (error) { /* shown all the same */ }
  }

  function ask(path, answered, failed) {
    const request = new XMLHttpRequest();
    request.open("GET", path);
    request.timeout = PATIENCE_MS;
    request.onload = () => {
      // Whoever was revoked is asked for a code.
      if (request.status === 401) { location.reload(); return; }
      hearTime(request.getResponseHeader("Numerek-Time"));
      let told = null;
      try { told = request.status === 200 ? JSON.parse(request.responseText) : null; } catch (error) { told = null; }
      if (told) answered(told); else failed();
    };
    request.onerror = request.ontimeout = failed;
    request.send();
  }

  function look(hall) {
    if (hall.isAsking) return;
    hall.isAsking = true;
    ask("/board/halls/" + encodeURIComponent(hall.code), (snapshot) => {
      hall.isAsking = false;
      const anew = !hall.follows;
      hall.follows = true;
      take(hall, { type: "snapshot", snapshot: snapshot, anew: anew });
      if (!window.EventSource) take(hall, { type: "up" });
      else if (!stream && halls.every((each) => each.follows)) listen();
    }, () => {
      hall.isAsking = false;
      if (!stream) take(hall, { type: "down" });
      setTimeout(() => look(hall), ASK_AGAIN_MS);
    });
  }

  function listen() {
    const topics = halls.map((hall) => "hall:" + encodeURIComponent(hall.code)).join(",");
    // Behind the hall that is least far: what another knows already it passes over.
    const after = Math.min.apply(null, halls.map((hall) => hall.board.asOf));
    const opened = stream = new EventSource("/board/stream?topics=" + topics + "&after=" + after);
    let isOpen = false, steady = 0;
    lastSign = performance.now();
    opened.onopen = () => {
      isOpen = true;
      lastSign = performance.now();
      steady = setTimeout(() => { tries = 0; }, STEADY_MS);
      halls.forEach((hall) => take(hall, { type: "up" }));
    };
    opened.onerror = () => { clearTimeout(steady); lose(opened, isOpen, 0); };
    opened.addEventListener("ping", (event) => { lastSign = performance.now(); hearTime(JSON.parse(event.data).now); });
    setup.events.forEach((kind) => opened.addEventListener(kind, (event) => {
      lastSign = performance.now();
      const data = JSON.parse(event.data), number = Number(event.lastEventId);
      halls.forEach((hall) => {
        if (!data.hall || data.hall === hall.code) take(hall, { type: "fact", number: number, kind: kind, data: data });
      });
    }));
  }

  // A stream that broke is taken up where it stopped; one that was refused begins with a snapshot anew.
  function lose(lost, wasOpen, silent) {
    if (lost !== stream) return;
    lost.close();
    stream = null;
    halls.forEach((hall) => take(hall, { type: "down", silent: silent }));
    clearTimeout(again);
    const wait = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] * (0.8 + 0.4 * Math.random());
    tries += 1;
    if (!wasOpen) halls.forEach((hall) => { hall.follows = false; });
    again = setTimeout(() => { if (wasOpen) listen(); else halls.forEach(look); }, wait);
  }

  function take(hall, event) {
    const step = rules.advance(hall.board, event, { at: seconds(), now: now() });
    hall.board = step.board;
    const announced = step.effects.filter((effect) => effect.announce);
    if (announced.length) { remember(hall); show(); chime(); }
    if (step.effects.some((effect) => effect.look)) setTimeout(() => look(hall), 400 + 600 * Math.random());
  }

  function tick() {
    if (stream && performance.now() - lastSign > INACTIVITY_MS) lose(stream, true, INACTIVITY_MS / 1000);
    halls.forEach((hall) => take(hall, { type: "tick" }));
    show();
  }

  // Two soft tones, where the browser lets a page sound that nobody touched; else the board is silent.
  function chime() {
    try {
      sound = sound || new (window.AudioContext || window.webkitAudioContext)();
      if (sound.state === "suspended") sound.resume();
      if (sound.state !== "running") return;
      [[659.26, 0], [523.25, 0.42]].forEach((tone) => {
        const source = sound.createOscillator(), loud = sound.createGain(), at = sound.currentTime + tone[1];
        source.frequency.value = tone[0];
        loud.gain.setValueAtTime(0.0001, at);
        loud.gain.exponentialRampToValueAtTime(0.3, at + 0.01);
        loud.gain.exponentialRampToValueAtTime(0.0001, at + 1);
        source.connect(loud);
        loud.connect(sound.destination);
        source.start(at);
        source.stop(at + 1);
      });
    } catch (error) { /* no sound here */ }
  }

  const say = (language, key) => (setup.texts[language] || setup.texts.en)[key];
  const both = (key) => setup.languages.slice(0, 2).map((language) => say(language, key)).join(BETWEEN);
  const wall = (at) => {
    const row = setup.offsets.filter((each) => each[0] <= at).pop() || setup.offsets[0];
    return new Date(at + row[1] * 60000).toISOString();
  };

  function pagesOf(text) {
    const pages = [];
    text.split(/\s+/).filter(Boolean).forEach((word) => {
      const last = pages.length - 1;
      if (pages.length && pages[last].length + 1 + word.length <= NOTICE_LETTERS) pages[last] += " " + word;
      else pages.push(word);
    });
    return pages;
  }
  const turn = (list) => list.length ? list[Math.floor(seconds() / PAGE_SECONDS) % list.length] : "";

  // All that stands on the board now; the same value draws nothing.
  function face() {
    const first = setup.languages[0], others = setup.languages.slice(1), at = wall(now());
    const leading = halls.filter((hall) => hall.board.snapshot)[0];
    const snapshot = leading && leading.board.snapshot, stamp = snapshot && snapshot.checkpoint;
    const notices = snapshot ? setup.languages.reduce((all, each) => all.concat(pagesOf(snapshot.notices[each] || "")), []) : [];
    return {
      place: setup.branch + (halls.length === 1 ? BETWEEN + setup.halls[0].name : ""),
      day: heard ? setup.days[at.slice(0, 10)] || "" : "", hour: heard ? at.slice(11, 16) : "",
      notice: turn(notices), sign: halls.some((hall) => hall.board.hasSign) ? say(first, "no_connection") : "",
      stamp: stamp ? [say(first, "checkpoint").replace("{day}", "\u2066" + stamp.day + "\u2069"), stamp.code] : ["", ""],
      halls: halls.map((hall) => hallFace(hall.board, first, others)),
    };
  }

  function hallFace(board, first, others) {
    const call = board.shown, own = call && call.language !== first && setup.texts[call.language] ? call.language : "";
    const wait = board.snapshot ? "wait" : "connecting", second = own ? [own] : others.slice(0, 1);
    const lines = board.waiting.filter((line) => line.total);
    return {
      call: call && { number: call.number, figure: call.counter, word: say(first, "counter"), second: own && say(own, "counter"),
        calling: [first].concat(second).map((each) => say(each, "calling")).join(BETWEEN) },
      isLit: rules.isLit(board, { at: seconds(), now: now() }),
      rest: [say(first, wait), others.length ? say(turn(others), wait) : ""],
      rows: board.recent.map((row) => [row.number, row.counter, Boolean(call && row.id === call.id)]),
      waiting: lines.map((line) => [line.numbers, line.total]), turn: Math.floor(seconds() / PAGE_SECONDS),
      heads: board.snapshot ? [both("heading.number"), both("heading.counter"), both("heading.waiting"), both("nobody_waits")] : ["", "", "", ""],
    };
  }

  function show() {
    const said = face(), key = JSON.stringify(said) + innerWidth + "x" + innerHeight;
    if (key === drawn) return;
    drawn = key;
    size();
    write(find(document, ".place"), said.place);
    write(find(document, ".day"), said.day);
    write(find(document, ".hour"), said.hour);
    write(find(document, ".notice"), said.sign ? "" : said.notice);
    write(find(document, ".sign span"), said.sign);
    find(document, ".sign").hidden = !said.sign;
    find(document, ".notice").hidden = Boolean(said.sign);
    write(find(document, ".checkpoint span"), said.stamp[0]);
    write(find(document, ".checkpoint b"), said.stamp[1]);
    said.halls.forEach((each, place) => draw(halls[place].place, each, said));
    [].forEach.call(document.querySelectorAll(".fit"), fit);
    [".notice", ".sign"].forEach((name) => shrink(find(document, name), 0.34));
  }

  function write(element, text) {
    if (element.textContent !== String(text)) element.textContent = text;
  }

  // Short for long words: a line shrinks until it is whole.
  function fit(element) {
    element.style.fontSize = "";
    const wide = element.scrollWidth, room = element.clientWidth;
    if (wide > room && room) element.style.fontSize = parseFloat(getComputedStyle(element).fontSize) * room / wide * 0.99 + "px";
  }

  // A text of several lines shrinks until it is whole; `most` is its size where there is room, in rem.
  function shrink(element, most) {
    const parts = [element].concat([].slice.call(element.querySelectorAll(".rest")));
    const isCut = () => parts.some((each) => each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1);
    for (let size = most; size > most / 3; size *= 0.94) {
      element.style.fontSize = size + "rem";
      if (!isCut()) break;
    }
  }

  // The board is as large as its window, or turned by a quarter where its layout is the other one.
  function size() {
    const wished = body.getAttribute("data-layout"), isTallWindow = innerHeight > innerWidth;
    const isTall = wished === "auto" ? isTallWindow : wished === "portrait", isTurned = isTall !== isTallWindow;
    const width = isTurned ? innerHeight : innerWidth, height = isTurned ? innerWidth : innerHeight;
    const scale = isTall ? Math.min(width / 1080, height / 1920) : Math.min(width / 1920, height / 1080);
    document.documentElement.style.fontSize = scale * 100 + "px";
    body.classList.toggle("tall", isTall);
    body.style.width = width + "px";
    body.style.height = height + "px";
    body.style.transform = isTurned ? "translateX(" + innerWidth + "px) rotate(90deg)" : "";
  }

  function draw(place, said, all) {
    const part = (name) => find(place, name), rem = parseFloat(document.documentElement.style.fontSize), call = said.call;
    place.classList.toggle("resting", !call);
    place.classList.toggle("few", said.rows.length <= FEW_CALLS);
    place.classList.toggle("nobody", !said.rows.length);
    part(".call").classList.toggle("lit", said.isLit);
    if (call) ["number", "figure", "word", "second", "calling"].forEach((name) => write(part("." + name), call[name]));
    write(part(".rest.first"), said.rest[0]);
    write(part(".rest.other"), said.rest[1]);
    const heads = place.querySelectorAll(".heads .fit");
    [0, 1, 2].forEach((which) => write(heads[which], said.heads[which]));
    place.style.setProperty("--few", said.rows.length ? 0.9 + 1.3 * said.rows.length + "rem" : "0rem");
    shrink(part(".call"), Math.min(1.4, part(".call").clientHeight / 6.6 / rem));
    drawRows(part(".recent ol"), said.rows, rem);
    drawWaiting(part(".waiting ul"), said, rem);
    const moment = part(".moment");
    if (!moment) return;
    write(find(moment, "bdi"), all.hour);
    write(find(moment, "span"), all.day);
  }

  // As many rows as there is room for; few of them grow.
  function drawRows(list, rows, rem) {
    const low = setup.halls.length > 1 ? 0.75 : 1.1;
    const room = list.clientHeight, count = Math.max(1, Math.min(rows.length, Math.floor(room / (low * rem))));
    const high = Math.min(room / count, 2 * rem);
    list.textContent = "";
    rows.slice(0, count).forEach((row) => {
      const item = document.createElement("li");
      row.slice(0, 2).forEach((text) => { item.appendChild(document.createElement("bdi")).textContent = text; });
      item.className = row[2] ? "shown" : "";
      item.style.height = high + "px";
      item.style.fontSize = Math.min(high * 0.69, list.clientWidth / 6.2) + "px";
      list.appendChild(item);
    });
  }

  // Large where there is room, else in two columns, and page by page where even these are too few; a large clock fills
  // what else would be empty.
  function drawWaiting(list, said, rem) {
    const moment = list.nextElementSibling, count = said.waiting.length;
    if (moment) moment.classList.remove("fits");
    const clock = moment && list.clientHeight - Math.max(2, count) * 0.76 * rem > 3.9 * rem;
    if (clock) moment.classList.add("fits");
    const isRoomy = list.clientHeight >= Math.max(2, count) * 0.76 * rem, room = Math.floor(list.clientHeight / (0.42 * rem));
    const isTwo = !isRoomy && count > room, size = isRoomy ? count : Math.max(1, room) * (isTwo ? 2 : 1);
    const page = said.turn % Math.max(1, Math.ceil(count / Math.max(1, size))) * size;
    list.className = (isRoomy ? "roomy" : "") + (isTwo ? " two" : "");
    list.textContent = "";
    if (!count) {
      said.heads[3].split(BETWEEN).forEach((each) => {
        const item = list.appendChild(document.createElement("li"));
        item.textContent = each;
        item.className = "none";
      });
    }
    said.waiting.slice(page, page + size).forEach((line) => drawLine(list.appendChild(document.createElement("li")), line));
  }

  // As many numbers of a line as fit, and how many more wait.
  function drawLine(item, line) {
    const more = document.createElement("bdi"), left = (shown) => { more.textContent = line[1] > shown ? "+" + (line[1] - shown) : ""; };
    let shown = line[0].length;
    more.className = "more";
    line[0].forEach((number) => { item.appendChild(document.createElement("bdi")).textContent = number; });
    item.appendChild(more);
    left(shown);
    while (shown > 1 && item.scrollWidth > item.clientWidth) {
      item.removeChild(item.children[shown - 1]);
      shown -= 1;
      left(shown);
    }
  }

  // New languages, halls or files: the page is loaded again, while the server is there.
  function refresh() {
    ask("/board/setup" + location.search, (told) => {
      if (told.version !== setup.version) location.reload();
      else setup = told;
    }, () => {});
  }

  hearTime(setup.now);
  halls.forEach((hall) => { take(hall, { type: "down" }); look(hall); });
  show();
  setInterval(tick, TICK_MS);
  setInterval(refresh, SETUP_MS);
  if (!window.EventSource) setInterval(() => halls.forEach(look), POLL_MS);
  window.numerekBoards = halls;
}());
