// What a board shows and announces: the rules of display_board/board.py and lines.py, step by step. A test feeds both
// the same facts. Plain values in and out; for browsers of 2020 (ES2017, no build step).
// Instants (`now`, `called_at` as `calledAt`) are ms of the epoch, `at` is monotonic seconds.
var NumerekBoard = (function () {
  "use strict";
  const FRESH_FOR = 120000, SAME_INSTANT = 2000, LINGER = 180000;
  const SHOW_SECONDS = 5, SHOW_SECONDS_IN_A_RUSH = 3.5, RUSH = 3;
  const BEAT_SECONDS = 15, SIGN_AFTER_SECONDS = 5, RECENT_KEPT = 30, REMEMBERED = 400, SHOWN = 12;
  const FLASHES = 3;

  const CALLS = ["ticket.called", "ticket.recalled"];
  const TAKEN_BACK = ["ticket.put_back", "ticket.withdrawn", "ticket.transferred"];
  const LEAVES_THE_LINE = ["ticket.called", "ticket.withdrawn"];
  const OVER = ["ticket.finished", "ticket.no_show", "ticket.parked"];
  const NOT_IN_LINE = OVER.concat(["ticket.started", "ticket.recalled"]);
  const LOOKS_CHANGE = ["ticket.", "notice.", "office."];

  const isIn = (list, value) => list.indexOf(value) >= 0;
  const changed = (value, change) => Object.assign({}, value, change);

  // Old browsers read only three digits of a second's fraction.
  function instant(text) {
    const parts = /^(.{19})(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.exec(text);
    return parts ? Date.parse(parts[1] + parts[3]) + (parts[2] ? Number(parts[2]) * 1000 : 0) : NaN;
  }

  function readCall(row) {
    return { id: row.id, number: row.number, counter: row.counter, calledAt: instant(row.called_at),
      language: row.language, active: row.active };
  }

  function begun(announced) {
    return { announced: announced || [], snapshot: null, asOf: -1, beat: -1, recent: [], waiting: [], queue: [],
      shown: null, shownAt: null, downAt: null, hasSign: false };
  }

  // `event`: {type: "snapshot", snapshot, anew}, {type: "fact", number, kind, data}, {type: "up"},
  // {type: "down", silent} or {type: "tick"}. Effects: {announce: call} and {look: true}.
  function advance(board, event, moment) {
    const effects = [];
    if (event.type === "snapshot") board = takeSnapshot(board, event, moment, effects);
    else if (event.type === "fact") board = takeFact(board, event, moment, effects);
    else if (event.type === "up") board = changed(board, { downAt: null, hasSign: false });
    else if (event.type === "down" && board.downAt === null) {
      board = changed(board, { downAt: moment.at - (event.silent || 0) });
    }
    return { board: passTime(board, moment, effects), effects: effects };
  }

  function takeSnapshot(board, event, moment, effects) {
    const snapshot = event.snapshot, calls = snapshot.called.map(readCall);
    if (snapshot.as_of < board.asOf && !event.anew) {
      effects.push({ look: true });
      return board;
    }
    const over = calls.filter((call) => !call.active).map((call) => call.id);
    let queue = board.queue.filter((call) => !isIn(over, call.id));
    queue = queue.concat(calls.slice().reverse().filter((call) => call.active && isDue(board, queue, call, moment)));
    // A ticket that was put back into a line waits there again, and is not listed before its turn.
    let hidden = queue.map((call) => call.number);
    snapshot.waiting.forEach((line) => { hidden = hidden.concat(line.numbers); });
    board = changed(board, { snapshot: snapshot, asOf: snapshot.as_of, beat: beat(moment), waiting: snapshot.waiting,
      queue: queue, recent: calls.filter((call) => !isIn(hidden, call.number)).slice(0, RECENT_KEPT) });
    return chooseShown(board, event, calls, moment);
  }

  // Keep the shown call, unless a new beginning does not know it: then the newest stands there, in silence.
  function chooseShown(board, event, calls, moment) {
    const shown = board.shown;
    if (shown && (!event.anew || calls.some((call) => call.number === shown.number))) return board;
    const newest = board.recent.filter((call) => call.active && !isStale(call, moment))[0] || null;
    return changed(board, { shown: newest, shownAt: null });
  }

  const isStale = (call, moment) => moment.now - call.calledAt >= LINGER;

  function isDue(board, queue, call, moment) {
    if (moment.now - call.calledAt > FRESH_FOR || queue.some((other) => other.id === call.id)) return false;
    return !board.announced.some((each) => each.id === call.id && Math.abs(call.calledAt - each.calledAt) < SAME_INSTANT);
  }

  const isThere = (value) => value !== undefined && value !== null;

  function takeFact(board, event, moment, effects) {
    if (event.number <= board.asOf) return board;
    const data = event.data, waiting = afterFact(board.waiting, event.kind, data), isCall = isIn(CALLS, event.kind);
    const isIncomplete = isCall && !(isThere(data.call) && isThere(data.counter) && isThere(data.number));
    const uncovers = isIn(TAKEN_BACK, event.kind) && board.recent.some((call) => call.number === data.number);
    if (waiting === null || isIncomplete || uncovers) effects.push({ look: true });
    board = changed(board, { asOf: event.number, waiting: waiting === null ? board.waiting : waiting });
    if (!isThere(data.number)) return board;
    if (isCall) return isIncomplete ? board : takeCall(board, data, moment);
    if (isIn(TAKEN_BACK, event.kind)) return forget(board, data.number);
    return isIn(OVER, event.kind) ? end(board, data.number) : board;
  }

  function takeCall(board, data, moment) {
    const call = { id: data.call, number: data.number, counter: data.counter, calledAt: instant(data.at),
      language: data.language || "pl", active: true };
    if (isDue(board, board.queue, call, moment)) return changed(board, { queue: board.queue.concat([call]) });
    if (board.queue.concat(board.recent).some((other) => other.id === call.id)) return board;
    return changed(board, { recent: listed(board.recent, [call]) });
  }

  // List calls without announcing them: the newest first, each number once.
  function listed(recent, calls) {
    const numbers = [];
    return recent.concat(calls).sort((one, other) => other.id - one.id).filter((call) => {
      const isFirst = !isIn(numbers, call.number);
      numbers.push(call.number);
      return isFirst;
    }).slice(0, RECENT_KEPT);
  }

  // Let a call be over: it loses its turn if it still waits for one, and is listed only.
  function end(board, number) {
    const ended = (call) => call.number === number ? changed(call, { active: false }) : call;
    const late = board.queue.filter((call) => call.number === number).map(ended), recent = board.recent.map(ended);
    return changed(board, { queue: board.queue.filter((call) => call.number !== number),
      recent: late.length ? listed(recent, late) : recent });
  }

  function forget(board, number) {
    const others = (call) => call.number !== number;
    return changed(board, { queue: board.queue.filter(others), recent: board.recent.filter(others),
      shown: board.shown && board.shown.number === number ? null : board.shown });
  }

  function passTime(board, moment, effects) {
    const since = board.shownAt === null ? null : moment.at - board.shownAt;
    const enough = board.queue.length >= RUSH ? SHOW_SECONDS_IN_A_RUSH : SHOW_SECONDS;
    const isLongEnough = since === null || since >= enough;
    if (board.queue.length && (isLongEnough || board.shown === null)) board = announce(board, moment, effects);
    else if (board.shown && isStale(board.shown, moment) && isLongEnough) {
      board = changed(board, { shown: null, shownAt: null });
    }
    if (board.downAt !== null && moment.at - board.downAt >= SIGN_AFTER_SECONDS) board = changed(board, { hasSign: true });
    if (board.snapshot && board.downAt === null && board.beat !== beat(moment)) {
      effects.push({ look: true });
      board = changed(board, { beat: beat(moment) });
    }
    return board;
  }

  const beat = (moment) => Math.floor(moment.now / 1000 / BEAT_SECONDS);

  function announce(board, moment, effects) {
    const call = board.queue[0], remembered = { id: call.id, calledAt: call.calledAt };
    effects.push({ announce: call });
    const others = board.recent.filter((other) => other.number !== call.number);
    return changed(board, { queue: board.queue.slice(1), announced: board.announced.concat([remembered]).slice(-REMEMBERED),
      recent: [call].concat(others).slice(0, RECENT_KEPT), shown: call, shownAt: moment.at });
  }

  // Who waits, after a fact; null when the server has to be asked.
  function afterFact(lines, kind, data) {
    if (kind === "ticket.issued") return withNewcomer(lines, data);
    if (isIn(LEAVES_THE_LINE, kind)) return without(lines, data);
    const isOfNoLine = isIn(NOT_IN_LINE, kind) || !LOOKS_CHANGE.some((begin) => kind.indexOf(begin) === 0);
    return isOfNoLine ? lines : null;
  }

  function withNewcomer(lines, data) {
    if (!isThere(data.number) || !isThere(data.service) || !isThere(data.ahead)) return null;
    return lines.map((line) => {
      if (line.service !== data.service || isIn(line.numbers, data.number)) return line;
      const numbers = line.numbers.slice();
      if (data.ahead < numbers.length || numbers.length === line.total) numbers.splice(data.ahead, 0, data.number);
      return changed(line, { numbers: numbers.slice(0, SHOWN), total: line.total + 1 });
    });
  }

  function without(lines, data) {
    const place = lines.map((line) => isIn(line.numbers, data.number)).indexOf(true);
    if (place >= 0) {
      const line = lines[place], numbers = line.numbers.filter((other) => other !== data.number), left = lines.slice();
      left[place] = changed(line, { numbers: numbers, total: Math.max(0, line.total - 1) });
      return left;
    }
    // Not listed: either it stood in no line, or too far behind.
    const mayBeBehind = lines.filter((line) => !isThere(data.service) || line.service === data.service);
    return mayBeBehind.every((line) => line.numbers.length === line.total) ? lines : null;
  }

  // Say whether the flash is on: three times, once a second, lit for the first half of each.
  function isLit(board, moment) {
    if (board.shownAt === null) return false;
    const since = moment.at - board.shownAt;
    return since >= 0 && since < FLASHES && since % 1 < 0.5;
  }

  return { begun: begun, advance: advance, isLit: isLit, instant: instant };
}());
