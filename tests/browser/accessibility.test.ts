import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { PASSWORD } from "./support/account.ts";
import { pdf, photo, sound } from "./support/media.ts";
import type { Person } from "./support/person.ts";
import { expect, test } from "./support/test.ts";

/** axe's own name for each serious fault of what is shown now, and where. */
async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
    );
}

async function openMenu({ page }: Person, menu: RegExp | string, item?: string): Promise<void> {
  await page.getByRole("button", { name: menu }).click();
  if (item) await page.getByRole("menuitem", { name: item }).click();
}

const check = (name: string, { page }: Person) =>
  test.step(name, async () => expect.soft(await seriousFaults(page), name).toEqual([]));

for (const colorScheme of ["light", "dark"] as const) {
  const look = { colorScheme, reducedMotion: "reduce" } as const;

  test(`axe finds no serious fault on any page (${colorScheme})`, async ({ person, stranger }) => {
    const newcomer = await stranger(look);
    const ana = await person("Ana", look);
    const ben = await person("Ben", look);
    const room = await ana.account.makeRoom("Biblioteca", { members: [ben.account], description: "Se habla bajo" });
    const secret = await ana.account.makeRoom("Sótano", { isPrivate: true });
    await ben.account.makeRoom("Plaza", { description: "Para todo el mundo" });
    const content =
      "Un *libro*, una [lista](https://example.org) y `código`:\n\n- uno\n- dos\n\n> cita\n\n```js\nconst x = 1; // uno\n```";
    for (let turn = 0; turn < 3; turn += 1) {
      await ana.account.post(room.id, content);
      await ben.account.post(room.id, "¡Qué bien! 🎉");
    }
    for (const file of [photo("foto.png", 300, 200), sound("voz.wav"), pdf("plan.pdf")]) {
      await ana.account.post(room.id, "", (await ana.account.upload(file)).id);
    }

    await newcomer.open();
    await expect(newcomer.page.getByRole("button", { name: "Iniciar sesión" })).toBeVisible();
    await check("login", newcomer);
    await newcomer.page.getByRole("button", { name: "Crear una cuenta" }).click();
    await check("registration", newcomer);

    await ana.open();
    await expect(ana.page.getByRole("heading", { name: "Hola, Ana" })).toBeVisible();
    await check("welcome", ana);
    await ana.open("/browse");
    await expect(ana.page.getByRole("status").filter({ hasText: /\d+ salas?/ })).toBeVisible();
    await check("rooms to browse", ana);
    await ana.openRoom(secret);
    await expect(ana.page.getByText("Escribe el primer mensaje.")).toBeVisible();
    await check("empty room", ana);
    await ana.openRoom(room);
    await expect(ana.page.getByRole("img", { name: "Responsable" })).toBeVisible();
    await expect(ana.message("¡Qué bien! 🎉")).toHaveCount(3);
    await ana.messages.first().hover();
    await check("room, with a message's tools", ana);
    await ana.messages.getByRole("link", { name: "foto.png" }).click();
    await expect(ana.page.getByRole("dialog", { name: "Imagen" }).getByRole("img", { name: "foto.png" })).toBeVisible();
    await check("picture in full", ana);

    ben.expectFaults(/status of 404/);
    await ben.open(`/rooms/${secret.id}`);
    await expect(ben.page.getByRole("alert")).toBeVisible();
    await check("no such room", ben);
    await ben.page.setViewportSize({ width: 375, height: 700 });
    await ben.openRoom(room);
    await check("room on a phone", ben);
    await ben.page.getByRole("button", { name: /^Miembros/ }).click();
    await expect(ben.page.getByRole("dialog", { name: "Miembros" })).toBeVisible();
    await check("members on a phone", ben);
  });

  test(`axe finds no serious fault in any dialog or menu (${colorScheme})`, async ({ person }) => {
    const ana = await person("Ana", look);
    const ben = await person("Ben", look);
    const room = await ana.account.makeRoom("Taller", { members: [ben.account] });
    await ana.account.post(room.id, "mira", (await ana.account.upload(photo("foto.png", 300, 200))).id);
    await ana.openRoom(room);
    await expect(ana.page.getByRole("img", { name: "Responsable" })).toBeVisible();

    ana.expectFaults(/status of 400/);
    await ana.attach(photo("buena.png"), { name: "mala.exe", mimeType: "", buffer: Buffer.from("MZ") });
    await expect(ana.tray.getByRole("alert")).toBeVisible();
    await ana.page.getByRole("button", { name: "Emojis" }).click();
    await expect(ana.page.getByRole("searchbox").or(ana.page.getByRole("combobox")).last()).toBeVisible();
    await check("files to be sent, one of them refused, and the emoji picker", ana);
    await ana.page.keyboard.press("Escape");
    await openMenu(ana, "Opciones de la sala");
    await check("room menu", ana);
    await ana.page.getByRole("menuitem", { name: "Editar la sala" }).click();
    await expect(ana.page.getByRole("dialog")).toBeVisible();
    await check("room being edited", ana);
    await ana.page.keyboard.press("Escape");
    await ana.page.getByRole("button", { name: "Añadir personas" }).click();
    await ana.page.getByRole("dialog").getByLabel("Nombre de usuario").first().fill("a");
    await check("people being added", ana);
    await ana.page.keyboard.press("Escape");
    await ana.page.keyboard.press("Escape");
    await openMenu(ana, /Menú personal/);
    await check("user menu", ana);
    await ana.page.getByRole("menuitem", { name: "Ajustes" }).click();
    for (const tab of ["Perfil", "Contraseña", "Este navegador"]) {
      await ana.page.getByRole("tab", { name: tab }).click();
      await check(`settings: ${tab}`, ana);
    }
    await ana.page.keyboard.press("Escape");
    await openMenu(ana, /Menú personal/, "Mis archivos");
    await ana.page.getByRole("button", { name: "Eliminar foto.png" }).click();
    await check("own files", ana);
    await ana.page.keyboard.press("Escape");
    await ana.page.getByRole("button", { name: "Crear una sala" }).click();
    await expect(ana.page.getByRole("dialog")).toBeVisible();
    await check("room being made", ana);
  });
}

/** What a screen reader would call that which has the focus, roughly; and whether the focus is seen on it. */
function focused(page: Page): Promise<{ name: string; isSeen: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    if (element === document.body) return { name: "", isSeen: false };
    const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
    const names = [
      element.getAttribute("aria-label"),
      ...labels.map((label) => label.textContent),
      element.textContent,
    ];
    const { outlineStyle } = getComputedStyle(element);
    const isField = element.matches("input, textarea"); // shows it by its frame and the caret
    return { name: names.filter(Boolean).join(" "), isSeen: isField || outlineStyle !== "none" };
  });
}

/** Presses Tab until what has this name has the focus: a person who uses no mouse gets there too. */
async function tabTo(page: Page, wanted: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const { name, isSeen } = await focused(page);
    if (!wanted.test(name)) continue;
    expect(isSeen, `the focus on “${name}” is seen`).toBe(true);
    return;
  }
  throw new Error(`60 times Tab does not reach ${wanted}`);
}

test("everything is reached without a mouse", async ({ server, stranger }) => {
  const eva = await stranger();
  const { page } = eva;
  const { keyboard } = page;
  await eva.open();
  await tabTo(page, /^Crear una cuenta/);
  await keyboard.press("Enter");
  const username = server.freeUsername("Eva");
  // The form has taken the focus, so that one types on.
  await expect(page.getByRole("textbox", { name: "Nombre de usuario" })).toBeFocused();
  await keyboard.type(username);
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await keyboard.type(`${username}@example.org`);
  await keyboard.press("Tab");
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: `Hola, ${username}` })).toBeVisible();

  await tabTo(page, /^Crear una sala/);
  await keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("textbox", { name: "Nombre" })).toBeFocused();
  await keyboard.type("Sin ratón");
  await tabTo(page, /^Privada/);
  await keyboard.press("Space");
  await tabTo(page, /^Crear$/);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Sin ratón" })).toBeVisible();
  await expect(eva.composer).toBeFocused();
  await keyboard.type("Escribo sin levantar las manos");
  await keyboard.press("Enter");
  await eva.seesSent("Escribo sin levantar las manos");
  await expect(eva.composer).toBeFocused();

  await tabTo(page, /^Opciones de la sala/);
  await keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Editar la sala" })).toBeFocused();
  await keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Opciones de la sala" })).toBeFocused();
  await tabTo(page, /Menú personal/);
  await keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Ajustes" })).toBeFocused();
  await keyboard.press("ArrowUp");
  await expect(page.getByRole("menuitem", { name: "Cerrar sesión" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Iniciar sesión" })).toBeVisible();
});

test("at 200 % and 400 % zoom everything is there, with nothing to scroll sideways", async ({ person }) => {
  // As WCAG 1.4.10 has it: a window of 1280 × 1024 at 400 % is one of 320 × 256 pixels.
  const ana = await person("Ana María de los Ángeles Fernández-Montesinos");
  const room = await ana.account.makeRoom("Una sala de nombre bastante largo, como los que ponen las personas", {
    description: "Y una descripción que tampoco se queda corta, por si acaso alguien no lo había entendido",
  });
  await ana.account.post(room.id, `palabra${"larguísima".repeat(40)}`);
  await ana.account.post(room.id, `\`\`\`\n${"código sin fin ".repeat(40)}\n\`\`\``);
  for (const viewport of [
    { width: 640, height: 512 },
    { width: 320, height: 256 },
  ]) {
    await ana.page.setViewportSize(viewport);
    for (const path of ["/", "/browse", `/rooms/${room.id}`]) {
      await ana.open(path);
      await expect(ana.page.getByRole("main").or(ana.page.getByRole("navigation")).first()).toBeVisible();
      const overflow = () => ana.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      await expect.poll(overflow, `${path} in ${viewport.width} px`).toBeLessThanOrEqual(0);
    }
    await expect(ana.composer).toBeInViewport();
    const text = `cabe en ${viewport.width}`;
    await ana.say(text);
    await ana.seesSent(text);
    await expect(ana.message(text)).toBeInViewport();
  }
});

test("a finger finds what it means", async ({ person }) => {
  const ana = await person("Ana", { hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } });
  const room = await ana.account.makeRoom("Dedos");
  await ana.openRoom(room);
  await ana.say("hola");
  const small = () =>
    ana.page
      .getByRole("main")
      .getByRole("button")
      .or(ana.page.getByRole("main").getByRole("link"))
      .evaluateAll((targets) =>
        targets
          .map((target) => ({
            name: target.getAttribute("aria-label") ?? target.textContent,
            box: target.getBoundingClientRect(),
          }))
          .filter(({ box }) => box.width > 1 && (box.width < 40 || box.height < 40))
          .map(({ name, box }) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`),
      );
  await expect.poll(small).toEqual([]);
});
