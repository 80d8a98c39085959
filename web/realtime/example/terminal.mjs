// A chat in the terminal: what others write is printed, what one types is sent.
//
//   npm run build --workspace realtime
//   node realtime/example/terminal.mjs http://127.0.0.1:8000 USERNAME PASSWORD ROOM_ID
import { createInterface } from "node:readline";
import { RealtimeClient } from "@izpochat/realtime";

const [server, username, password, room] = process.argv.slice(2);
const room_id = Number(room);

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(new URL(path, server), { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

let login = await post("/api/users/login", { username, password });

const url = new URL("/api/ws", server);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
const client = new RealtimeClient({
  url: url.href,
  async token(why) {
    if (why === "refused") login = await post("/api/users/refresh", { refresh_token: login.refresh_token });
    return login.access_token;
  },
});

client.on("status", ({ state }) => console.log(`[${state}]`));
client.on("message", ({ sender, content, file }) => console.log(`${sender.username}: ${content || file?.public_url}`));
client.on("rejected", ({ message }) => console.log(`not sent: ${message}`));
client.subscribe(room_id);
client.connect();

const lines = createInterface({ input: process.stdin });
lines.on("line", (content) => client.send({ room_id, content, client_id: crypto.randomUUID() }));
lines.on("close", () => client.close());
