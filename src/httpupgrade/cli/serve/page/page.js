// The buttons. Whatever a server sent is shown as text: by textContent, and never as markup.
"use strict";

const FIELDS = ["Upgrade", "Connection", "Sec-WebSocket-Version"];
const SUBPROTOCOLS = ["chat.v1", "chat.v2"];
const MOST_MILLISECONDS = 5000;
const NOTHING_ARRIVED =
  "No request arrived at the server. The browser refused to send it, or something between the two " +
  "did. Look into the browser's console: it names a blocked private address, a content security " +
  "policy, an extension or a proxy. Then compare with the first command below.";

// A nonce, by which the server is asked what it saw of an attempt.
function makeNonce() {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

function withParameter(target, name, value) {
  return `${target}${target.includes("?") ? "&" : "?"}${name}=${value}`;
}

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
        const why = "the browser does not tell scripts; the server does, below";
        resolve({ brief: "did not open", rows: [["opened", "no"], closed, ["why", why]] });
      }
    });
  });
}

// What the server saw: requests with their answers and diagnoses, in order.
async function askWhatArrived(target, nonce) {
  const signal = AbortSignal.timeout(MOST_MILLISECONDS);
  const question = withParameter(target, "httpupgrade-arrived", nonce);
  try {
    const answer = await fetch(question, { cache: "no-store", signal });
    return (await answer.json()).arrived;
  } catch {
    return null;
  }
}

const TRIES = { fetch: tryFetch, socket: trySocket };

async function attempt(section, name) {
  const { target } = section.dataset;
  const status = document.querySelector("#status");
  const what = `${name === "fetch" ? "fetch()" : "WebSocket"} ${target}`;
  status.textContent = `${what} …`;
  const nonce = makeNonce();
  const { brief, rows, body } = await TRIES[name](withParameter(target, "httpupgrade-probe", nonce));
  const arrived = await askWhatArrived(target, nonce);
  const result = section.querySelector(`div[data-of=${name}]`);
  showRows(result.querySelector("table"), rows);
  if (name === "fetch") {
    result.querySelector(".body pre").textContent = body ?? "";
    result.querySelector(".body").hidden = !body;
  }
  const failed = name === "socket" && brief !== "opened";
  result.querySelector(".saw").replaceChildren(...whatWasSeen(arrived, failed));
  result.hidden = false;
  status.textContent = `${what}: ${brief}`;
}

function showRows(table, rows) {
  const lines = rows.map(([name, value]) => {
    const line = document.createElement("tr");
    const head = element("th", name);
    head.scope = "row";
    line.append(head, element("td", value));
    return line;
  });
  table.tBodies[0].replaceChildren(...lines);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function whatWasSeen(arrived, failed) {
  if (arrived === null) {
    return [element("p", "The server does not say: it has ended, or cannot be reached any more.")];
  }
  if (arrived.length === 0) {
    return [element("p", NOTHING_ARRIVED)];
  }
  return arrived.flatMap(({ octets, answer, diagnosis, text, body }) => {
    const verdict = element("p", "");
    verdict.append(element("b", answer), diagnosis ? `: ${diagnosis.summary}` : "");
    const parts = [verdict];
    if (text) {
      parts.push(folded("Diagnosis", text, failed));
    }
    if (body && failed) {
      parts.push(folded("Body of the response, which the browser hides", body, true));
    }
    return [...parts, folded("The request as it arrived", octets)];
  });
}

function folded(title, text, open = false) {
  const details = document.createElement("details");
  details.open = open;
  const pre = element("pre", text.trimEnd());
  pre.tabIndex = 0; // so that it can be scrolled by keyboard
  details.append(element("summary", title), pre);
  return details;
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
