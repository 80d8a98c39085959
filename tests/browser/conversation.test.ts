import { devices } from "@playwright/test";
import { PASSWORD } from "./support/account.ts";
import type { Person } from "./support/person.ts";
import { expect, test } from "./support/test.ts";

async function register({ page }: Person, username: string, fullName: string): Promise<void> {
  await page.getByRole("button", { name: "Crear una cuenta" }).click();
  await page.getByRole("textbox", { name: "Nombre de usuario" }).fill(username);
  await page.getByRole("textbox", { name: "Nombre (opcional)" }).fill(fullName);
  await page.getByRole("textbox", { name: "Correo electrónico" }).fill(`${username}@example.org`);
  await page.getByLabel("Contraseña", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Crear una cuenta" }).click();
  await expect(page.getByRole("heading", { name: `Hola, ${fullName}` })).toBeVisible();
}

test("two people meet: from registration to a conversation", async ({ server, stranger }) => {
  const [ana, ben] = await Promise.all([stranger(), stranger()]);
  const benName = server.freeUsername("Ben Soto");
  await ana.open();
  await ben.open();
  await register(ana, server.freeUsername("Ana Ruiz"), "Ana Ruiz");
  await register(ben, benName, "Ben Soto");

  await test.step("Ana makes a private room and adds Ben", async () => {
    await ana.page.getByRole("main").getByRole("button", { name: "Crear una sala" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "Crear una sala" });
    await dialog.getByRole("textbox", { name: "Nombre" }).fill("Huerto de la azotea");
    await dialog.getByRole("switch", { name: "Privada" }).check();
    await dialog.getByRole("button", { name: "Crear", exact: true }).click();
    await expect(ana.page.getByRole("heading", { name: "Huerto de la azotea" })).toBeVisible();
    await ana.addMember(benName);
  });

  await test.step("it appears at Ben's, who opens it", async () => {
    await ben.roomLink("Huerto de la azotea").click();
    await expect(ben.page.getByText("Escribe el primer mensaje.")).toBeVisible();
  });

  await test.step("they talk, and see each other type", async () => {
    await ana.say("¿Plantamos tomates?");
    await ana.seesSent("¿Plantamos tomates?");
    await ben.sees("¿Plantamos tomates?");
    await ben.composer.pressSequentially("Sí,");
    await expect(ana.page.getByText("Ben Soto está escribiendo…")).toBeVisible();
    await ben.say("Sí, y **albahaca** 🌿");
    await ben.seesSent("albahaca");
    await expect(ana.message("albahaca").locator("strong")).toHaveText("albahaca");
    await expect(ana.page.getByText("está escribiendo…")).toBeHidden();
    await expect(ana.messages).toHaveCount(2);
    await expect(ben.messages).toHaveCount(2);
  });

  await test.step("who leaves is not shown online any more", async () => {
    const online = ana.page.getByRole("region", { name: "En línea" });
    await expect(online.getByRole("listitem")).toHaveCount(2);
    await ben.context.close();
    await expect(online.getByRole("listitem")).toHaveCount(1);
    await expect(ana.page.getByRole("region", { name: "Desconectados" })).toContainText("Ben Soto");
  });

  await test.step("after a reload everything is there", async () => {
    await ana.page.reload();
    await ana.sees("¿Plantamos tomates?");
    await ana.sees("albahaca");
  });
});

test("a third takes part from a phone", async ({ person }) => {
  const ana = await person("Ana");
  const { defaultBrowserType: _, ...phone } = devices["iPhone 13"];
  const eva = await person("Eva", phone);
  const room = await ana.account.makeRoom("Escalada", { members: [eva.account] });
  await ana.openRoom(room);
  await eva.open();
  await eva.roomLink("Escalada").tap();
  await ana.say("El sábado a las nueve");
  await eva.sees("El sábado a las nueve");

  await eva.composer.tap();
  await eva.composer.pressSequentially("Voy");
  await eva.composer.press("Enter"); // begins a line there: a touch keyboard has no Shift+Enter
  await eva.composer.pressSequentially("y llevo la cuerda");
  await eva.page.getByRole("button", { name: "Enviar" }).tap();
  await expect(ana.messages.nth(1)).toContainText("Voy\ny llevo la cuerda");

  await eva.page.getByRole("button", { name: "Miembros: 2, en línea: 2" }).tap();
  await expect(eva.page.getByRole("dialog", { name: "Miembros" }).getByRole("listitem")).toHaveCount(2);
  await eva.page.getByRole("button", { name: "Cerrar" }).tap();
  await eva.page.getByRole("link", { name: "Volver a mis salas" }).tap();
  await expect(eva.roomLink("Escalada")).toBeVisible();
  const overflow = await eva.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, "pixels to scroll sideways").toBeLessThanOrEqual(0);
});

test("who has a phone and no idea makes a room and invites somebody", async ({ person }) => {
  const { defaultBrowserType: _, ...phone } = devices["iPhone 13"];
  const eva = await person("Eva", phone);
  const ana = await person("Ana");
  await eva.open();
  // Each step is a button with words, in the middle of what one sees.
  await eva.page.getByRole("navigation").getByText("Crear una sala").tap();
  await eva.page.getByRole("dialog").getByRole("textbox", { name: "Nombre" }).fill("Cena");
  await eva.page.getByRole("dialog").getByRole("button", { name: "Crear", exact: true }).tap();
  await expect(eva.page.getByRole("main").getByText("Escribe el primer mensaje.")).toBeVisible();
  await eva.addMember(ana.account.username);
  await ana.open();
  await ana.roomLink("Cena").click();
  await ana.say("¿Qué llevo?");
  await eva.sees("¿Qué llevo?");
});

test("what comes to another room is counted, and read when it is opened", async ({ person }) => {
  const ana = await person("Ana");
  const ben = await person("Ben");
  const room = await ana.account.makeRoom("Avisos", { members: [ben.account] });
  const other = await ben.account.makeRoom("Cuaderno");
  await ben.account.post(room.id, "¿Alguna novedad?");
  await ben.openRoom(other);
  await expect(ben.roomLink("Avisos")).toBeVisible();
  await expect.poll(() => ana.account.onlineIn(room.id)).toContain(ben.account.id);
  await ana.account.post(room.id, "Reunión a las diez");
  await ana.account.post(room.id, "Traed café");
  await expect(ben.roomLink("Avisos").getByLabel("2 mensajes sin leer")).toBeVisible();
  await expect(ben.page).toHaveTitle(/^\(2\) /);
  await ben.roomLink("Avisos").click();
  await expect(ben.page.getByText("Nuevos", { exact: true })).toBeVisible();
  await ben.sees("Traed café");
  await expect(ben.roomLink("Avisos").getByLabel("2 mensajes sin leer")).toBeHidden();
  await expect(ben.page).not.toHaveTitle(/^\(/);
});

test("a login that ends keeps what was typed, and a wrong password says so", async ({ person }) => {
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Borradores");
  await ana.openRoom(room);
  await ana.composer.fill("Querida Eva: ");
  await ana.account.call("POST", "/api/users/logout");
  ana.expectFaults(/status of 401/);
  await expect(ana.page.getByRole("heading", { name: /^Te damos la bienvenida/ })).toBeVisible();

  await ana.page.getByRole("textbox", { name: "Usuario o correo" }).fill(ana.account.username);
  await ana.page.getByLabel("Contraseña", { exact: true }).fill("no es esta");
  await ana.page.getByRole("button", { name: "Iniciar sesión" }).click();
  await expect(ana.page.getByRole("alert")).not.toBeEmpty();
  await ana.page.getByLabel("Contraseña", { exact: true }).fill(PASSWORD);
  await ana.page.getByRole("button", { name: "Iniciar sesión" }).click();
  await expect(ana.composer).toHaveValue("Querida Eva: ");
});

test("an access token that ends is renewed unseen", async ({ ownServer, person }) => {
  await ownServer({ ACCESS_TOKEN_EXPIRE_MINUTES: "1" });
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Diario");
  await ana.page.clock.install();
  await ana.openRoom(room);
  await ana.say("antes");
  await ana.seesSent("antes");
  const renewed = ana.page.waitForResponse("**/api/users/refresh");
  await ana.page.clock.fastForward("02:00");
  await ana.page.getByRole("link", { name: "Explorar salas" }).click();
  expect((await renewed).status()).toBe(200);
  await ana.page.getByRole("navigation", { name: "Salas" }).getByRole("link", { name: room.name }).click();
  await ana.say("después");
  await ana.seesSent("después");
});
