import { expect, test } from "./support/test.ts";

const COUNT = 100_000;
const text = (number: number) =>
  `mensaje ${number}${number % 7 === 0 ? ` ${"y sigue un rato ".repeat(number % 5)}` : ""}`;
const numberOf = (shown: string) => Number(/mensaje (\d+)/.exec(shown)?.[1]);

test("a room of 100,000 messages is scrolled through without jumps", async ({ person }) => {
  test.setTimeout(150_000);
  const ana = await person("Ana");
  const ben = await person("Ben");
  const room = await ana.account.makeRoom("Archivo", { members: [ben.account] });
  await ana.account.flood(room.id, COUNT, text);

  const { page } = ben;
  await ben.openRoom(room);
  await ben.sees(text(COUNT).trim());
  const log = page.getByRole("log");

  /** The message at the top of the view, and how far below the top it begins. */
  const top = () =>
    log.evaluate((list) => {
      const { top } = list.getBoundingClientRect();
      for (const row of list.querySelectorAll("article")) {
        const box = row.getBoundingClientRect();
        if (box.bottom > top) return { text: row.textContent ?? "", offset: box.top - top };
      }
      return { text: "", offset: 0 };
    });

  /** The same, once what the wheel began and the pages that came with it have settled. */
  const atRest = async () => {
    let before = await top();
    await expect
      .poll(
        async () => {
          const now = await top();
          const isSame = now.text === before.text && now.offset === before.offset;
          before = now;
          return isSame;
        },
        { intervals: [250] },
      )
      .toBe(true);
    return before;
  };

  await test.step("up, page by page: each time it goes on where it was", async () => {
    await log.hover();
    let before = numberOf((await top()).text);
    for (let turn = 0; turn < 25; turn += 1) {
      await page.mouse.wheel(0, -600);
      await expect.poll(async () => numberOf((await top()).text)).toBeLessThan(before);
      const now = numberOf((await top()).text);
      expect(before - now, "messages passed by a turn of the wheel").toBeLessThan(40);
      before = now;
    }
    expect(COUNT - before).toBeGreaterThan(200);
    const shown = await ben.messages.evaluateAll((rows) => rows.map((row) => row.textContent ?? ""));
    const numbers = shown.map(numberOf);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(shown.length, "rows in the page").toBeLessThan(150);
  });

  await test.step("what comes does not move what is read", async () => {
    const before = await atRest();
    await ana.account.post(room.id, "mensaje nuevo");
    await expect(page.getByRole("button", { name: "1 mensaje nuevo" })).toBeVisible();
    const after = await top();
    expect(after.text).toBe(before.text);
    expect(Math.abs(after.offset - before.offset), "pixels that it moved").toBeLessThan(1);
  });

  await test.step("and back to the newest", async () => {
    await page.getByRole("button", { name: "1 mensaje nuevo" }).click();
    await ben.sees("mensaje nuevo");
    await expect(page.getByRole("button", { name: "Ir a lo último" })).toBeHidden();
  });
});
