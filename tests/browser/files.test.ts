import { devices, type Locator } from "@playwright/test";
import { film, pdf, photo, sound } from "./support/media.ts";
import type { Person } from "./support/person.ts";
import { expect, test } from "./support/test.ts";

const SLOW = { offline: false, latency: 50, downloadThroughput: -1, uploadThroughput: 30_000 };
const QUICK = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };

async function network({ context, page }: Person) {
  const protocol = await context.newCDPSession(page);
  await protocol.send("Network.enable");
  return (conditions: typeof SLOW) => protocol.send("Network.emulateNetworkConditions", conditions);
}

const isLoaded = (picture: Locator) =>
  expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);

const canPlay = (player: Locator) =>
  expect.poll(() => player.evaluate((media: HTMLMediaElement) => media.readyState > 0 && !media.error)).toBe(true);

test("two people exchange files, and a third on a phone", async ({ person }) => {
  const { defaultBrowserType: _, ...phone } = devices["iPhone 13"];
  const [ana, ben, eva] = [await person("Ana"), await person("Ben"), await person("Eva", phone)];
  const room = await ana.account.makeRoom("Fotos", { members: [ben.account, eva.account] });
  for (const someone of [ana, ben, eva]) await someone.openRoom(room);

  await test.step("a picture by the button, with a text", async () => {
    await ana.attach(photo("mar.png", 200, 100));
    await expect(ana.tray).toHaveCount(1);
    await expect(ana.composer).toBeFocused();
    await ana.say("Así estaba el mar");
    await ana.seesSent("Así estaba el mar");
    await expect(ana.tray).toHaveCount(0);
    const picture = ben.message("Así estaba el mar").getByRole("img", { name: "mar.png" });
    await isLoaded(picture);
    // As large as it is, and no larger.
    expect(await picture.boundingBox()).toMatchObject({
      width: expect.closeTo(198, -1),
      height: expect.closeTo(98, -1),
    });
  });

  await test.step("two more, dragged: each is a message", async () => {
    await ana.give("drop", photo("monte.png"), photo("río.png"));
    await expect(ana.tray).toHaveCount(2);
    await ana.page.getByRole("button", { name: "Enviar" }).click();
    await isLoaded(ben.messages.getByRole("img", { name: "río.png" }));
    await expect(ben.messages).toHaveCount(3);
  });

  await test.step("they are looked at in full, one after the other, by the keyboard too", async () => {
    const { page } = ben;
    const link = ben.messages.getByRole("link", { name: "monte.png" });
    await link.click();
    const viewer = page.getByRole("dialog", { name: "Imagen" });
    await isLoaded(viewer.getByRole("img", { name: "monte.png" }));
    await page.keyboard.press("ArrowLeft");
    await isLoaded(viewer.getByRole("img", { name: "mar.png" }));
    await expect(viewer.getByRole("button", { name: "Imagen anterior" })).toBeHidden();
    await viewer.getByRole("button", { name: "Imagen siguiente" }).click();
    await page.keyboard.press("ArrowRight");
    await isLoaded(viewer.getByRole("img", { name: "río.png" }));
    await expect(viewer.getByRole("link", { name: "Descargar río.png" })).toHaveAttribute("download", "río.png");
    await page.keyboard.press("Escape");
    await expect(viewer).toBeHidden();
    await expect(link).toBeFocused();
  });

  await test.step("on the phone too, which sends one back", async () => {
    await eva.messages.getByRole("link", { name: "mar.png" }).tap();
    const viewer = eva.page.getByRole("dialog", { name: "Imagen" });
    await isLoaded(viewer.getByRole("img", { name: "mar.png" }));
    await viewer.getByRole("button", { name: "Cerrar" }).tap();
    await eva.attach(photo("playa.png", 900, 600));
    await expect(eva.tray).toHaveCount(1);
    await eva.page.getByRole("button", { name: "Enviar" }).tap();
    await isLoaded(ana.messages.getByRole("img", { name: "playa.png" }));
    const overflow = await eva.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, "pixels to scroll sideways").toBeLessThanOrEqual(0);
  });

  await test.step("a sound and a film, pasted, are played; a PDF is opened or saved", async () => {
    await ana.give("paste", sound("canción.wav"), await film(ana.page, "ola.mp4"));
    await ana.attach(pdf("plan.pdf"));
    await expect(ana.tray).toHaveCount(3);
    await ana.composer.press("Enter");
    await canPlay(ben.messages.getByLabel("canción.wav"));
    await canPlay(ben.messages.getByLabel("ola.mp4"));
    const opens = ben.messages.getByRole("link", { name: "plan.pdf", exact: true });
    await expect(ben.messages.getByRole("link", { name: "Descargar plan.pdf" })).toHaveAttribute(
      "download",
      "plan.pdf",
    );
    const link = new URL((await opens.getAttribute("href")) ?? "", ben.page.url());
    const answer = await ben.page.request.get(link.href);
    expect(answer.headers()).toMatchObject({
      "content-type": "application/pdf",
      "content-disposition": expect.stringMatching(/^inline/),
    });
  });
});

test("an upload on a slow network shows how far it is, is cancelled, and is waited for", async ({ person }) => {
  const [ana, ben] = [await person("Ana"), await person("Ben")];
  const room = await ana.account.makeRoom("Cuesta arriba", { members: [ben.account] });
  await ana.openRoom(room);
  await ben.openRoom(room);
  const be = await network(ana);

  await be(SLOW);
  await ana.attach(photo("grande.png", 500, 400));
  const progress = ana.page.getByRole("progressbar", { name: "Subiendo grande.png" });
  await expect.poll(async () => Number(await progress.getAttribute("aria-valuenow"))).toBeGreaterThan(5);
  await ana.page.getByRole("button", { name: "Cancelar la subida de grande.png" }).click();
  await expect(ana.tray).toHaveCount(0);
  await be(QUICK);
  expect(await ana.account.call("GET", "/api/users/me/files")).toEqual([]);

  await be(SLOW);
  await ana.attach(photo("otra.png", 500, 400));
  await ana.say("con foto");
  await expect(ana.page.getByText("Se enviará cuando termine de subir.")).toBeVisible();
  await ben.account.post(room.id, "mientras tanto");
  await ana.sees("mientras tanto");
  await expect(ana.message("con foto")).toHaveCount(0);
  await be(QUICK);
  await ana.seesSent("con foto");
  await isLoaded(ben.message("con foto").getByRole("img", { name: "otra.png" }));
});

test("an upload that breaks off is tried again: by hand, and by itself when the server is back", async ({
  ownServer,
  person,
}) => {
  const server = await ownServer();
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Puente");
  await ana.openRoom(room);
  ana.expectFaults(/net::ERR_|WebSocket connection to/);

  await ana.page.route("**/api/uploads/", (route) => route.abort(), { times: 1 });
  await ana.attach(photo("uno.png"));
  await expect(ana.tray.getByRole("alert")).toContainText("No se puede contactar con el servidor");
  const uploaded = ana.page.waitForResponse("**/api/uploads/");
  await ana.page.getByRole("button", { name: "Volver a subir uno.png" }).click();
  await (await uploaded).finished();
  await expect(ana.tray.getByRole("alert")).toBeHidden();

  await server.kill();
  await ana.attach(photo("dos.png"));
  await expect(ana.tray.getByRole("alert")).toBeVisible();
  await server.restart();
  await expect(ana.tray.getByRole("alert")).toBeHidden();
  await ana.composer.press("Enter");
  for (const name of ["uno.png", "dos.png"]) await isLoaded(ana.messages.getByRole("img", { name }));
});

test("what is refused says why, and is not offered to be tried again", async ({ ownServer, person }) => {
  await ownServer({ MAX_FILE_SIZE: String(3 * 2 ** 20) });
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Aduana");
  await ana.openRoom(room);
  ana.expectFaults(/status of 400/);
  const uploads: string[] = [];
  ana.page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/uploads/")) uploads.push(request.url());
  });
  const bytes = (size: number) => Buffer.alloc(size, "a");
  await ana.attach(
    { name: "programa.exe", mimeType: "application/octet-stream", buffer: bytes(10) },
    { name: "falsa.png", mimeType: "image/png", buffer: bytes(100) },
    { name: "enorme.txt", mimeType: "text/plain", buffer: bytes(4 * 2 ** 20 + 1) },
    photo("buena.png"),
  );
  const card = (name: string) => ana.tray.filter({ hasText: name });
  await expect(card("programa.exe").getByRole("alert")).toContainText("programa.exe");
  await expect(card("falsa.png").getByRole("alert")).toContainText("falsa.png");
  await expect(card("enorme.txt").getByRole("alert")).toHaveText("Es demasiado grande: el máximo son 3 MB.");
  await expect(ana.page.getByRole("button", { name: /^Volver a subir/ })).toHaveCount(0);
  expect(uploads, "what is too large is not sent at all").toHaveLength(3);
  await ana.say("solo la buena");
  await isLoaded(ana.message("solo la buena").getByRole("img", { name: "buena.png" }));
  await ana.page.getByRole("button", { name: "Quitar falsa.png" }).click();
  await expect(card("falsa.png")).toHaveCount(0);
});

test("one's own files are listed, and one that is deleted is gone for everybody", async ({ person }) => {
  const [ana, ben] = [await person("Ana"), await person("Ben")];
  const room = await ana.account.makeRoom("Archivo", { members: [ben.account] });
  for (const name of ["secreto.png", "público.png"]) {
    await ana.account.post(room.id, name.slice(0, 3), (await ana.account.upload(photo(name))).id);
  }
  ben.expectFaults(/status of 404/);
  await ben.openRoom(room);
  await isLoaded(ben.messages.getByRole("img", { name: "secreto.png" }));
  await ana.openRoom(room);
  await ana.page.getByRole("button", { name: /Menú personal/ }).click();
  await ana.page.getByRole("menuitem", { name: "Mis archivos" }).click();
  const files = ana.page.getByRole("dialog", { name: "Mis archivos" });
  await expect(files.getByRole("listitem")).toHaveCount(2);
  await expect(files.getByText(/^Espacio usado: /)).toBeVisible();
  await files.getByRole("textbox", { name: "Buscar por nombre" }).fill("SECR");
  await expect(files.getByRole("listitem")).toHaveCount(1);
  await files.getByRole("button", { name: "Eliminar secreto.png" }).click();
  await files.getByRole("button", { name: "Eliminar", exact: true }).click();
  await expect(files.getByRole("listitem")).toHaveCount(0);
  await expect(ben.message("sec").getByText("Este archivo ya no está")).toBeVisible();
  await isLoaded(ben.messages.getByRole("img", { name: "público.png" }));
});

test("a film that the browser cannot show is given as a file to save", async ({ person }) => {
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Desván");
  const avi = Buffer.concat([Buffer.from("RIFF\x80\0\0\0AVI LIST\x40\0\0\0hdrlavih", "latin1"), Buffer.alloc(100)]);
  const { id } = await ana.account.upload({ name: "antigua.avi", mimeType: "video/x-msvideo", buffer: avi });
  await ana.account.post(room.id, "", id);
  await ana.openRoom(room);
  const saves = ana.messages.getByRole("link", { name: "Descargar antigua.avi" });
  await expect(saves).toHaveAttribute("download", "antigua.avi");
  await expect(ana.messages.locator("video")).toHaveCount(0);
});
