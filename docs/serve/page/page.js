// The buttons. Whatever a server sent is shown as text: by textContent, and never as markup.
"use strict";

const FIELDS = ["Upgrade", "Connection", "Sec-WebSocket-Version"];
const SUBPROTOCOLS = ["chat.v1", "chat.v2"];
const MOST_MILLISECONDS = 5000;

async function tryFetch(target) {
  const signal = AbortSignal.timeout(MOST_MILLISECONDS);
  try {
    const answer = await fetch(target, { cache: "no-store", signal });
    const fields = FIELDS.map((name) => [name, answer.headers.get(name) ?? "none"]);
    const status = `${answer.status} ${answer.statusText}`.trim();
    const body = (await answer.text()).trimEnd();
    return { brief: status, rows: [["status", status], ...fields], body };
  } catch (error) {
    return { brief: "failed", rows: [["failed", String(error)]] };
  }
}

function trySocket(target) {
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + target, SUBPROTOCOLS);
  const late = setTimeout(() => socket.close(), MOST_MILLISECONDS);
  let opened = false;
  let echo = "none";
  socket.addEventListener("open", () => {
    opened = true;
    socket.send(document.querySelector("#text").value);
  });
  socket.addEventListener("message", (event) => {
    echo = event.data;
    socket.close(1000);
  });
  return new Promise((resolve) => {
    socket.addEventListener("close", (event) => {
      clearTimeout(late);
      const closed = ["closed", String(event.code)];
      if (opened) {
        const agreed = [
          ["subprotocol", socket.protocol || "none"],
          ["extensions", socket.extensions || "none"],
        ];
        const rows = [["opened", "yes"], ...agreed, ["echo", echo], closed];
        resolve({ brief: "opened", rows });
      } else {
        const why = "no script is told; the server's log says it, and curl shows it";
        resolve({ brief: "did not open", rows: [["opened", "no"], closed, ["why", why]] });
      }
    });
  });
}

const TRIES = { fetch: tryFetch, socket: trySocket };

async function attempt(section, name) {
  const { target } = section.dataset;
  const status = document.querySelector("#status");
  const what = `${name === "fetch" ? "fetch()" : "WebSocket"} ${target}`;
  status.textContent = `${what} …`;
  const { brief, rows, body } = await TRIES[name](target);
  show(section.querySelector(`table[data-of=${name}]`), rows);
  if (name === "fetch") {
    section.querySelector("pre").textContent = body ?? "";
    section.querySelector("figure").hidden = !body;
  }
  status.textContent = `${what}: ${brief}`;
}

function show(table, rows) {
  const lines = rows.map(([name, value]) => {
    const line = document.createElement("tr");
    const head = document.createElement("th");
    const cell = document.createElement("td");
    head.scope = "row";
    head.textContent = name;
    cell.textContent = value;
    line.append(head, cell);
    return line;
  });
  table.tBodies[0].replaceChildren(...lines);
  table.hidden = false;
}

async function copy(button) {
  const code = button.parentElement.querySelector("code");
  for (const each of document.querySelectorAll("button[data-copy]")) {
    each.textContent = "Copy";
  }
  getSelection().selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Selected"; // the browser does not let pages copy
  }
}

document.querySelector("#everything").addEventListener("click", async () => {
  for (const section of document.querySelectorAll("section")) {
    for (const name of Object.keys(TRIES)) {
      await attempt(section, name);
    }
  }
  document.querySelector("#status").textContent = "Everything was tried.";
});

document.querySelector("main").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.try) {
    attempt(button.closest("section"), button.dataset.try);
  } else if (button) {
    copy(button);
  }
});
