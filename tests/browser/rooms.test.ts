import { expect, test } from "./support/test.ts";

test("a private room does not exist for who is not in it", async ({ person }) => {
  const ana = await person("Ana");
  const eva = await person("Eva");
  const room = await ana.account.makeRoom("Fiesta sorpresa", { isPrivate: true, description: "Chis." });
  await ana.account.post(room.id, "Eva no sabe nada");
  eva.expectFaults(/status of 404/);

  await eva.open("/browse");
  await eva.page.getByRole("textbox", { name: /^Buscar salas/ }).fill("sorpresa");
  await expect(eva.page.getByRole("status").filter({ hasText: "0 salas" })).toBeVisible();
  await eva.open(`/rooms/${room.id}`);
  await expect(eva.page.getByRole("alert")).toContainText("No existe");
  await expect(eva.page.getByText("sorpresa")).toHaveCount(0);
  await expect(eva.page.getByText("Eva no sabe nada")).toHaveCount(0);

  await test.step("until she is added, and again when she is removed", async () => {
    await ana.openRoom(room);
    await ana.addMember(eva.account.username);
    await eva.roomLink("Fiesta sorpresa").click();
    await eva.sees("Eva no sabe nada");
    await ana.page.getByRole("button", { name: "Quitar a Eva de la sala" }).click();
    await expect(eva.roomLink("Fiesta sorpresa")).toBeHidden();
    await expect(eva.page.getByText("Eva no sabe nada")).toHaveCount(0);
  });
});

test("a public room is found, looked at, joined and left", async ({ person }) => {
  const ana = await person("Ana");
  const ben = await person("Ben");
  const room = await ana.account.makeRoom("Ajedrez de los jueves", { description: "Partidas lentas" });
  await ana.account.post(room.id, "e4");
  await ben.open("/browse");
  await ben.page.getByRole("textbox", { name: /^Buscar salas/ }).fill("partidas LENTAS");
  await ben.page.getByRole("link", { name: "Ajedrez de los jueves" }).first().click();
  await ben.sees("e4");
  await expect(ben.composer).toHaveCount(0);
  await ben.page.getByRole("button", { name: "Unirme" }).click();
  await ben.say("e5");
  await ben.seesSent("e5");

  await ben.page.getByRole("button", { name: "Opciones de la sala" }).click();
  await ben.page.getByRole("menuitem", { name: "Salir de la sala" }).click();
  await ben.page.getByRole("dialog").getByRole("button", { name: "Salir", exact: true }).click();
  await expect(ben.roomLink("Ajedrez de los jueves")).toBeHidden();
});

test("an owner changes a room, and deletes it for everybody", async ({ person }) => {
  const ana = await person("Ana");
  const ben = await person("Ben");
  const room = await ana.account.makeRoom("Borrador", { members: [ben.account] });
  await ana.openRoom(room);
  await ben.openRoom(room);
  const edit = async () => {
    await ana.page.getByRole("button", { name: "Opciones de la sala" }).click();
    await ana.page.getByRole("menuitem", { name: "Editar la sala" }).click();
    return ana.page.getByRole("dialog", { name: "Editar la sala" });
  };
  const dialog = await edit();
  await dialog.getByRole("textbox", { name: "Nombre" }).fill("Versión final");
  await dialog.getByRole("button", { name: "Guardar" }).click();
  await expect(ana.page.getByRole("heading", { name: "Versión final" })).toBeVisible();
  await expect(ben.page.getByRole("heading", { name: "Versión final" })).toBeVisible();

  ben.expectFaults(/status of 404/);
  ana.expectFaults(/status of 404/);
  await edit();
  await dialog.getByRole("button", { name: /^Eliminar la sala/ }).click();
  await dialog.getByRole("button", { name: "Eliminar para siempre" }).click();
  await expect(ana.roomLink("Versión final")).toBeHidden();
  await expect(ben.roomLink("Versión final")).toBeHidden();
  await expect(ben.composer).toBeHidden();
});

test("a large room says how many it has, and how many of them are shown", async ({ ownServer, person }) => {
  const server = await ownServer();
  const ana = await person("Ana");
  const room = await ana.account.makeRoom("Estadio");
  await server.addMembers(room.id, 1_250);
  await ana.openRoom(room);
  const everybody = ana.page.getByRole("region", { name: "Todas las personas" });
  await expect(everybody.getByRole("heading")).toHaveText("Todas las personas — 1251");
  await expect(everybody.getByText("Se muestran 200 de 1251.")).toBeVisible();
  await expect(everybody.getByRole("listitem")).toHaveCount(200);
  await everybody.getByRole("button", { name: "Mostrar más" }).click();
  await expect(everybody.getByRole("listitem")).toHaveCount(400);
  await expect(everybody.getByText("Se muestran 400 de 1251.")).toBeVisible();
  const online = ana.page.getByRole("region", { name: "En línea" });
  await expect(online.getByRole("heading")).toHaveText("En línea — 1");
  await expect(online.getByRole("listitem")).toHaveText(/Ana/);
});

test("profile and password are changed in the settings", async ({ person }) => {
  const ana = await person("Ana");
  await ana.open();
  await ana.page.getByRole("button", { name: /Menú personal/ }).click();
  await ana.page.getByRole("menuitem", { name: "Ajustes" }).click();
  const settings = ana.page.getByRole("dialog", { name: "Ajustes" });
  await settings.getByRole("textbox", { name: "Nombre (opcional)" }).fill("Ana María");
  await settings.getByRole("button", { name: "Guardar" }).click();
  await expect(ana.page.getByText("Hola, Ana María")).toBeVisible();
  await settings.getByRole("tab", { name: "Contraseña" }).click();
  await settings.getByLabel("Contraseña actual", { exact: true }).fill("una-clave-larga");
  await settings.getByLabel("Contraseña nueva", { exact: true }).fill("otra-clave-larga");
  await settings.getByRole("button", { name: "Cambiar la contraseña" }).click();
  await expect(settings.getByText("Contraseña cambiada.", { exact: false })).toBeVisible();
});
