import { pdf, photo } from "./support/media.ts";
import type { Person } from "./support/person.ts";
import { expect, test } from "./support/test.ts";

/** Each would set a mark on the page if it ran. */
const SCRIPTS = [
  "<script>window.harmed = 1</script>",
  '<img src=x onerror="window.harmed = 1">',
  '<svg onload="window.harmed = 1"><script>window.harmed = 1</script></svg>',
  "[pulsa](javascript:window.harmed=1)",
  '[pulsa](data:text/html,<script>window.harmed=1</script> "título")',
  '![foto](https://example.org/spy.png" onerror="window.harmed=1)',
  '<iframe srcdoc="<script>parent.harmed = 1</script>"></iframe>',
  '<a href="#" onclick="window.harmed = 1">pulsa</a>',
  "```html\n<script>window.harmed = 1</script>\n```",
  "<details open ontoggle=window.harmed=1>",
  '"><style>*{display:none}</style>',
];

test("script in messages and names does nothing", async ({ person }) => {
  const mallory = await person('<img src=x onerror="window.harmed=1">');
  const ana = await person("Ana");
  const room = await mallory.account.makeRoom("<script>window.harmed = 1</script>", {
    members: [ana.account],
    description: '<b onmouseover="window.harmed = 1">mira</b>',
  });
  await ana.openRoom(room);
  for (const script of SCRIPTS) await mallory.account.post(room.id, script);
  await expect(ana.messages).toHaveCount(SCRIPTS.length);
  await ana.page.reload();
  await expect(ana.messages).toHaveCount(SCRIPTS.length);
  await expect(ana.messages.first()).toContainText("<script>window.harmed = 1</script>");

  for (const link of await ana.messages.getByRole("link").all()) {
    expect(await link.getAttribute("href")).toMatch(/^(https?:|$)/);
  }
  for (const text of await ana.messages.getByText("pulsa").all()) await text.click();
  const foreign = ana.messages.locator(
    "script, iframe, object, embed, style, svg:not([aria-hidden], [role=img], [class*=icon]), img",
  );
  await expect(foreign).toHaveCount(0);
  expect(await ana.page.evaluate(() => "harmed" in window)).toBe(false);
});

test("script in a file's name and in an SVG does nothing", async ({ person }) => {
  const [mallory, ana] = [await person("Mallory"), await person("Ana")];
  const room = await mallory.account.makeRoom("Galería", { members: [ana.account] });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60" onload="parent.harmed = 1">
    <script>window.harmed = 1; parent.harmed = 1; top.harmed = 1</script>
    <foreignObject width="9" height="9"><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="parent.harmed = 1" /></foreignObject>
    <image href="https://example.org/spy.png" width="9" height="9" /><rect width="80" height="60" fill="teal" /></svg>`;
  const drawing = { name: "dibujo.svg", mimeType: "image/svg+xml", buffer: Buffer.from(svg) };
  const names = [`<img src=x onerror="window.harmed=1">.png`, `"><svg onload=window.harmed=1>.png`];
  const sent = [await mallory.account.upload(drawing)];
  for (const name of names) sent.push(await mallory.account.upload(photo(name)));
  const hostile = pdf("javascript:window.harmed=1//<b>.pdf");
  sent.push(await mallory.account.upload(hostile));
  for (const { id } of sent) await mallory.account.post(room.id, "mira", id);

  await ana.openRoom(room);
  await expect(ana.messages).toHaveCount(sent.length);
  for (const image of await ana.messages.locator("img").all()) {
    await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0);
  }
  await ana.messages.getByRole("link", { name: "dibujo.svg" }).click();
  const viewer = ana.page.getByRole("dialog", { name: "Imagen" });
  await expect(viewer.getByRole("img", { name: "dibujo.svg" })).toBeVisible();
  await ana.page.keyboard.press("ArrowRight");
  await expect(viewer.getByText("onerror")).toBeVisible();
  await ana.page.keyboard.press("Escape");
  await expect(viewer).toBeHidden();
  for (const link of await ana.messages.getByRole("link").all()) {
    expect(await link.getAttribute("href")).toMatch(/^\/files\//);
  }
  expect(await ana.page.evaluate(() => "harmed" in window)).toBe(false);

  await test.step("opened by itself it is saved, not shown", async () => {
    const saved = ana.page.waitForEvent("download");
    await ana.page.goto(sent[0]?.public_url ?? "").catch(() => undefined); // a download ends the visit
    await (await saved).cancel();
    const answer = await ana.page.request.get(sent[0]?.public_url ?? "");
    expect(answer.headers()["content-security-policy"]).toContain("sandbox");
  });
});

test("the policy lets no script in but the page's own files", async ({ stranger }) => {
  const ana = await stranger();
  await ana.open();
  ana.expectFaults(/policy|Content Security Policy/);
  const harmed = await ana.page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.harmed = 1";
    document.body.append(script);
    const image = document.createElement("img");
    image.setAttribute("onerror", "window.harmed = 1");
    image.src = "data:,";
    await new Promise((done) => image.addEventListener("error", done));
    return "harmed" in window;
  });
  expect(harmed).toBe(false);
});

test("a part that cannot be loaded leaves a way out", async ({ person }) => {
  const ana = await person("Ana");
  await ana.page.route("**/assets/BrowseRooms*.js", (route) => route.abort());
  ana.expectFaults(/net::ERR_FAILED|dynamically imported module/);
  await ana.open();
  await ana.page.getByRole("navigation").getByRole("link", { name: "Explorar salas" }).click();
  await expect(ana.page.getByRole("alert")).toContainText("Esta página se ha roto");
  await ana.page.unrouteAll();
  await ana.page.getByRole("button", { name: "Recargar la página" }).click();
  await expect(ana.page.getByRole("heading", { name: "Explorar salas" })).toBeVisible();
});

test("the first load is under 250 KB, and under 300 with what is loaded ahead of use", async ({ person, stranger }) => {
  const someone = await stranger();
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Ligera");
  await ana.account.post(room.id, "Hola, **mundo**");
  const entrance = await bytesLoaded(someone, async () => {
    await someone.open();
    await expect(someone.page.getByRole("button", { name: "Iniciar sesión" })).toBeVisible();
  });
  const all = await bytesLoaded(ana, async () => {
    const isAhead = ana.page.waitForResponse("**/assets/SettingsDialog*.js");
    await ana.openRoom(room);
    await ana.sees("mundo");
    await isAhead;
  });
  expect(entrance).toBeGreaterThan(50_000);
  expect(entrance).toBeLessThan(250_000);
  expect(all).toBeGreaterThan(entrance);
  expect(all).toBeLessThan(300_000);
});

/** Bytes on the wire, compressed as they came, until the page asks for nothing more. */
async function bytesLoaded({ context, page }: Person, open: () => Promise<void>): Promise<number> {
  const protocol = await context.newCDPSession(page);
  let bytes = 0;
  await protocol.send("Network.enable");
  protocol.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await open();
  await page.waitForLoadState("networkidle");
  return bytes;
}
