// Every deploy closes every WebSocket, so a client has to come back by itself.
const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 30000;
const STABLE = 5000; // a connection that lasts so long starts the waiting anew

const state = document.getElementById("state");
const messages = document.getElementById("messages");
const text = document.getElementById("text");
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const url = `${scheme}//${location.host}/ws/chat/lobby/`;

let socket;
let wait = FIRST_WAIT;

function connect() {
  let stable;
  socket = new WebSocket(url);
  socket.onopen = () => {
    state.textContent = "connected";
    stable = setTimeout(() => { wait = FIRST_WAIT; }, STABLE);
    // Messages sent meanwhile are gone: what must not be missed is fetched here, from the database.
  };
  socket.onmessage = (event) => {
    const line = document.createElement("li");
    const message = JSON.parse(event.data);
    line.textContent = `${message.text} (process ${message.process})`;
    messages.append(line);
  };
  socket.onclose = () => {
    clearTimeout(stable);
    state.textContent = "reconnecting";
    // Not all clients at once: each waits between half the time and the whole of it.
    setTimeout(connect, wait * (0.5 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket.readyState === WebSocket.OPEN && text.value) {
    socket.send(text.value);
    text.value = "";
  }
});

connect();
