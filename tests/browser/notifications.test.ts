import type { Person } from "./support/person.ts";
import { expect, test } from "./support/test.ts";

interface Shown {
  title: string;
  body: string | undefined;
  isClosed: boolean;
}

declare global {
  interface Window {
    /** What the system was asked to show. */
    shown: (Shown & { click: () => void })[];
  }
}

/** A browser without a desktop shows no notifications: what it is asked for is noted instead. */
async function noteNotifications({ page }: Person): Promise<void> {
  await page.addInitScript(() => {
    window.shown = [];
    class Noted extends EventTarget {
      static permission = "default";
      static async requestPermission() {
        Noted.permission = "granted";
        return Noted.permission;
      }
      onclick: (() => void) | null = null;
      readonly #note;
      constructor(title: string, options: NotificationOptions = {}) {
        super();
        this.#note = { title, body: options.body, isClosed: false, click: () => this.onclick?.() };
        window.shown.push(this.#note);
      }
      close() {
        this.#note.isClosed = true;
      }
    }
    window.Notification = Noted as unknown as typeof Notification;
  });
}

/** As when another tab is before this one. */
async function hide({ page }: Person, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

const shown = ({ page }: Person): Promise<Shown[]> =>
  page.evaluate(() => window.shown.map(({ title, body, isClosed }) => ({ title, body, isClosed })));

test("who does not look is told by the title and by the browser, and finds the line where it is new", async ({
  person,
}) => {
  const [ana, ben] = [await person("Ana"), await person("Ben")];
  const room = await ana.account.makeRoom("Guardia", { members: [ben.account] });
  const other = await ben.account.makeRoom("Cuaderno");
  await ana.account.post(room.id, "ya leído");
  await noteNotifications(ben);
  await ben.openRoom(room);
  await ben.sees("ya leído");

  await test.step("nothing before it is wanted", async () => {
    await hide(ben, true);
    await ana.account.post(room.id, "sin avisar");
    await expect(ben.page).toHaveTitle(/^\(1\) /);
    expect(await shown(ben)).toEqual([]);
    await hide(ben, false);
    await expect(ben.page).not.toHaveTitle(/^\(/);
  });

  await test.step("it is switched on where it is offered, and the settings know", async () => {
    const offer = ben.page.getByRole("region", { name: "Notificaciones" });
    await offer.getByRole("button", { name: "Sí, avisarme" }).click();
    await expect(offer).toBeHidden();
    await ben.page.getByRole("button", { name: /Menú personal/ }).click();
    await ben.page.getByRole("menuitem", { name: "Ajustes" }).click();
    await ben.page.getByRole("tab", { name: "Este navegador" }).click();
    await expect(ben.page.getByRole("switch", { name: "Notificaciones" })).toBeChecked();
    await ben.page.keyboard.press("Escape");
  });

  await test.step("what comes to a hidden page is shown, one's own is not", async () => {
    await hide(ben, true);
    await ana.account.post(room.id, "¿Hay alguien?");
    await ben.account.post(room.id, "desde otro sitio");
    await expect.poll(() => shown(ben)).toEqual([{ title: "Ana", body: "¿Hay alguien?", isClosed: false }]);
    await hide(ben, false);
    await expect.poll(async () => (await shown(ben))[0]?.isClosed).toBe(true);
  });

  await test.step("it leads to its room, with a line above what is new", async () => {
    await ben.page.getByRole("navigation", { name: "Salas" }).getByRole("link", { name: "Cuaderno" }).click();
    await expect(ben.page.getByRole("heading", { name: other.name })).toBeVisible();
    await hide(ben, true);
    await ana.account.post(room.id, "¡Fuego!");
    await expect.poll(async () => (await shown(ben)).at(-1)?.body).toBe("¡Fuego!");
    await expect(ben.page).toHaveTitle(/^\(1\) /);
    await hide(ben, false);
    await ben.page.evaluate(() => window.shown.at(-1)?.click());
    await ben.sees("¡Fuego!");
    const line = ben.page.getByText("Nuevos", { exact: true });
    await expect(line).toBeVisible();
    const above = (await line.boundingBox())?.y ?? 0;
    expect(above).toBeGreaterThan((await ben.message("desde otro sitio").boundingBox())?.y ?? 0);
    expect(above).toBeLessThan((await ben.message("¡Fuego!").boundingBox())?.y ?? 0);
    await expect(ben.page).not.toHaveTitle(/^\(/);
  });
});
