import type { Person } from "./support/person.ts";
import { expect, test } from "./support/test.ts";

/** What a browser says of a server or a network that is not there. */
const UNREACHABLE = /net::ERR_|WebSocket connection to/;

const numbered = (count: number, word: string) => Array.from({ length: count }, (_, index) => `${word} ${index + 1}`);

async function holdsOnceInOrder({ messages }: Person, texts: string[]): Promise<void> {
  const words = new RegExp(`(${[...new Set(texts.map((text) => text.split(" ")[0]))].join("|")}) \\d+$`);
  const shown = async () => (await messages.allTextContents()).map((row) => words.exec(row.trim())?.[0]);
  await expect.poll(shown).toEqual(texts);
}

test("the server is killed in mid-conversation: everything is there, once", async ({ ownServer, person }) => {
  const server = await ownServer();
  const [ana, ben] = [await person("Ana"), await person("Ben")];
  const room = await ana.account.makeRoom("Obra", { members: [ben.account] });
  for (const someone of [ana, ben]) {
    someone.expectFaults(UNREACHABLE);
    await someone.openRoom(room);
  }
  const before = numbered(5, "ladrillo");
  for (const text of before) await ana.say(text);
  await ben.sees("ladrillo 5");

  for (const text of ["viga 1", "viga 2"]) await ana.say(text); // may be on their way
  await server.kill();
  for (const text of ["viga 3", "viga 4"]) await ana.say(text);
  await expect(ana.message("viga 4").getByRole("img", { name: "Enviando" })).toBeVisible();
  await expect(ana.page.getByRole("status").filter({ hasText: "Conectando…" })).toBeVisible();
  await server.restart();
  await ana.page
    .getByRole("button", { name: "Reintentar ahora" })
    .click({ timeout: 2_000 })
    .catch(() => undefined); // it was quicker

  await ana.seesSent("viga 4");
  await ben.say("teja 1");
  await ana.sees("teja 1");
  const all = [...before, ...numbered(4, "viga"), "teja 1"];
  for (const someone of [ana, ben]) await holdsOnceInOrder(someone, all);
  await ben.page.reload();
  await holdsOnceInOrder(ben, all);
});

test("the network goes and comes back", async ({ person }) => {
  const [ana, ben] = [await person("Ana"), await person("Ben")];
  const room = await ana.account.makeRoom("Tren", { members: [ben.account] });
  await ana.openRoom(room);
  await ben.openRoom(room);
  await ana.say("antes 1");
  await ben.sees("antes 1");

  ben.expectFaults(UNREACHABLE);
  await ben.context.setOffline(true);
  await expect(ben.page.getByRole("status").filter({ hasText: "Sin conexión." })).toBeVisible();
  await ana.say("fuera 2");
  await ana.seesSent("fuera 2");
  await ben.say("dentro 3");
  await expect(ben.message("dentro 3").getByRole("img", { name: "Enviando" })).toBeVisible();
  const said = await ben.noteStatuses();
  await ben.context.setOffline(false);
  await expect.poll(said).toContain("Conexión recuperada");
  await ben.seesSent("dentro 3");
  await ana.sees("dentro 3");
  for (const someone of [ana, ben]) await holdsOnceInOrder(someone, ["antes 1", "fuera 2", "dentro 3"]);
});

test("on a phone the room list says that the network is gone, and what changed meanwhile is there", async ({
  person,
}) => {
  const eva = await person("Eva", { hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } });
  const ana = await person("Ana");
  await eva.open();
  await expect(eva.page.getByText("Todavía no estás en ninguna sala.")).toBeVisible();
  eva.expectFaults(UNREACHABLE);
  await eva.context.setOffline(true);
  await expect(eva.page.getByRole("status").filter({ hasText: "Sin conexión." })).toBeInViewport();
  await ana.account.makeRoom("Entretanto", { members: [eva.account] });
  const said = await eva.noteStatuses();
  await eva.context.setOffline(false);
  await expect.poll(said).toContain("Conexión recuperada");
  await expect(eva.roomLink("Entretanto")).toBeVisible();
});

test("what was written without a network survives a reload of the page", async ({ ownServer, person }) => {
  const server = await ownServer();
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Cuaderno");
  await ana.openRoom(room);
  ana.expectFaults(UNREACHABLE);
  await server.kill();
  await ana.say("nota 1");
  await expect(ana.message("nota 1").getByRole("img", { name: "Enviando" })).toBeVisible();
  await server.restart();
  await ana.page.reload();
  await ana.seesSent("nota 1");
  await holdsOnceInOrder(ana, ["nota 1"]);
});

test("a slow network delays, and loses nothing", async ({ person }) => {
  const [ana, ben] = [await person("Ana"), await person("Ben")];
  const room = await ana.account.makeRoom("Montaña", { members: [ben.account] });
  await ana.openRoom(room);
  const protocol = await ben.context.newCDPSession(ben.page);
  await protocol.send("Network.enable");
  await protocol.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 400,
    downloadThroughput: 50_000,
    uploadThroughput: 20_000,
  });
  await ben.openRoom(room);
  await ben.say("eco 1");
  // Shown before the server has it.
  await expect(ben.message("eco 1")).toBeVisible();
  await ben.seesSent("eco 1");
  await ana.say("eco 2");
  await ben.sees("eco 2");
  for (const someone of [ana, ben]) await holdsOnceInOrder(someone, ["eco 1", "eco 2"]);
});
