// The waiting room looks again by itself; without scripts there is a link for it.
const room = document.getElementById("waiting-room");

async function look() {
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error" });
    if (answer.ok) {
      const there = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("waiting-room");
      // Where there is something to do, the page is opened anew: its form needs a token, its button the keyboard.
      if (there && there.dataset.kind !== room.dataset.kind) {
        location.reload();
        return;
      }
      if (there) {
        for (const name of ["place", "ahead", "when"]) {
          const [old, fresh] = [room, there].map((each) => each.querySelector(`[data-told="${name}"]`));
          if (old && fresh && old.textContent !== fresh.textContent) old.textContent = fresh.textContent;
        }
        room.dataset.again = there.dataset.again;
      }
    }
  } catch {
    // The network is away for a moment: the next look may find it.
  }
  again();
}

function again() {
  setTimeout(look, 1000 * (Number(room.dataset.again) || 20));
}

if (room && room.dataset.looks === "yes") again();
