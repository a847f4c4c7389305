// The waiting room looks again by itself; without scripts there is a link for it.
const room = document.getElementById("waiting-room");
const news = document.getElementById("waiting-room-news");

async function look() {
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error" });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const there = page.getElementById("waiting-room");
      if (there) document.title = page.title;
      if (there && there.dataset.kind !== room.dataset.kind) {
        change(there);
        if (there.dataset.looks !== "yes") return;
      } else if (there) {
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

// What there is to do now takes the place of what stood here, and is said aloud: the line for it was here before.
function change(there) {
  news.textContent = (there.querySelector(".portal-status") ?? there).textContent.trim();
  Object.assign(room.dataset, { ...there.dataset });
  room.replaceChildren(...there.childNodes);
}

function again() {
  setTimeout(look, 1000 * (Number(room.dataset.again) || 20));
}

if (room && room.dataset.looks === "yes") again();
