import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { rooftopGarden } from "./support/painting.ts";
import type { Person } from "./support/person.ts";
import { expect, test } from "./support/test.ts";

const IMAGES = resolve(import.meta.dirname, "../../docs/images");
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

/** WebP, which Playwright has not: a third of the size of PNG. */
async function picture({ context, page }: Person, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  const protocol = await context.newCDPSession(page);
  const { data } = await protocol.send("Page.captureScreenshot", { format: "webp", quality: 88 });
  await mkdir(IMAGES, { recursive: true });
  await writeFile(`${IMAGES}/${name}.webp`, Buffer.from(data, "base64"));
}

test("pictures for the documents", async ({ ownServer, person }) => {
  await ownServer();
  const still = { reducedMotion: "reduce", deviceScaleFactor: 2, viewport: { width: 1280, height: 800 } } as const;
  const ana = await person("Ana Ruiz", { ...still, colorScheme: "light" });
  const ben = await person("Ben Soto", { ...still, colorScheme: "dark", locale: "en-GB" });
  const eva = await person("Eva Montes", { ...still, ...PHONE, colorScheme: "light" });
  const leo = await person("Leo Prado", still);
  const members = [ben.account, eva.account, leo.account];
  const room = await ana.account.makeRoom("Huerto de la azotea", { members, description: "Riego, cosecha y turnos" });
  for (const name of ["Bicis", "Biblioteca del barrio", "Fotografía"])
    await ben.account.makeRoom(name, { members: [ana.account] });
  for (const name of ["Cena del viernes", "Tesorería"]) {
    await ana.account.makeRoom(name, { isPrivate: true, members: [ben.account, eva.account] });
  }
  const bikes = (await ana.account.call<{ id: number; name: string }[]>("GET", "/api/users/me/rooms")).find(
    ({ name }) => name === "Bicis",
  );
  await ana.openRoom(room);
  await leo.openRoom(room);
  await ben.openRoom(room);
  await eva.openRoom(room);
  await leo.account.post(room.id, "Buenos días ☀️ ¿A quién le toca regar hoy?");
  const garden = await ana.account.upload(await rooftopGarden(await ana.context.newPage(), "azotea-al-atardecer.jpg"));
  await ana.account.post(room.id, "A mí. Así estaba ayer, cuando bajé la regadera 🌇", garden.id);
  for (const [who, text] of [
    [
      ben,
      "¡Qué tomates! Lo que medí esta mañana:\n\n| bancal | humedad |\n|---|---|\n| tomates | 31 % |\n| albahaca | 44 % |",
    ],
    [eva, "Van **justos**: subo el goteo a `20 min`. El plan está en https://example.org/huerto"],
    [leo, "🍅🍅🍅"],
  ] as const) {
    await who.account.post(room.id, text);
  }
  if (bikes)
    for (const text of ["¿Salimos el domingo?", "Llevo parches", "A las diez"]) await ben.account.post(bikes.id, text);
  await leo.composer.pressSequentially("Y mañana");
  for (const someone of [ana, ben, eva]) {
    await someone.sees("🍅🍅🍅");
    const picture = someone.messages.getByRole("img", { name: "azotea-al-atardecer.jpg" });
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth))
      .toBeTruthy();
    await expect(someone.page.getByText(/^Leo Prado (está escribiendo|is typing)…$/)).toBeVisible();
  }
  await picture(ana, "web-light");
  await picture(ben, "web-dark");
  await picture(eva, "web-phone");
});
