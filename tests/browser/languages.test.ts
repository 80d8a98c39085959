import { PASSWORD } from "./support/account.ts";
import { expect, test } from "./support/test.ts";

const spanish = {
  lang: "es",
  user: "Usuario o correo",
  password: "Contraseña",
  login: "Iniciar sesión",
  wrong: /contraseña/,
};
const english = { lang: "en", user: "Username or e-mail", password: "Password", login: "Log in", wrong: /password/ };

for (const { locale, speaks } of [
  { locale: "es-MX", speaks: spanish },
  { locale: "en-GB", speaks: english },
  { locale: "fr-FR", speaks: spanish }, // neither: then the default
]) {
  test(`a browser of ${locale} is answered in ${speaks.lang}, the server's words too`, async ({ stranger }) => {
    const someone = await stranger({ locale });
    const { page } = someone;
    await someone.open();
    await expect(page.locator("html")).toHaveAttribute("lang", speaks.lang);
    await page.getByRole("textbox", { name: speaks.user }).fill("nadie.existe");
    await page.getByLabel(speaks.password, { exact: true }).fill(PASSWORD);
    someone.expectFaults(/status of 401/);
    await page.getByRole("button", { name: speaks.login }).click();
    await expect(page.getByRole("alert")).toHaveText(speaks.wrong);
  });
}

test("the language is switched, kept, and dates follow it", async ({ person }) => {
  const ana = await person("Ana", { locale: "en-GB" });
  const room = await ana.account.makeRoom("Torre");
  await ana.account.post(room.id, "hola");
  const { page } = ana;
  await ana.openRoom(room);
  await expect(page.getByText("Today", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: /Personal menu/ }).click();
  await page.getByRole("menuitem", { name: "Settings" }).click();
  await page.getByRole("tab", { name: "This browser" }).click();
  await page.getByText("Español").click();
  await expect(page.getByRole("dialog", { name: "Ajustes" })).toBeVisible();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.getByText("Hoy", { exact: true })).toBeVisible();
  const time = await page.getByRole("log").locator("time").first().getAttribute("title");
  expect(time).toMatch(/^(lunes|martes|miércoles|jueves|viernes|sábado|domingo), \d+ de /);
});
