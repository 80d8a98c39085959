import { type BrowserContext, expect, type Locator, type Page } from "@playwright/test";
import type { Account } from "./account.ts";
import type { Sent } from "./media.ts";

interface Room {
  id: number;
  name: string;
}

/** Somebody before a browser of their own, and what they see there, by its Spanish name. */
export class Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly #url: string;
  readonly #account: Account | null;
  /** What the page complained of, was not allowed to do, or wanted from elsewhere. */
  readonly #faults: string[] = [];
  readonly #expected: RegExp[] = [];

  private constructor(context: BrowserContext, page: Page, url: string, account: Account | null) {
    this.context = context;
    this.page = page;
    this.#url = url;
    this.#account = account;
  }

  static async sitDown(context: BrowserContext, url: string, account: Account | null): Promise<Person> {
    const page = await context.newPage();
    const person = new Person(context, page, url, account);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) person.#faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => person.#faults.push(`uncaught: ${error.stack ?? error.message}`));
    page.on("dialog", async (dialog) => {
      person.#faults.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("request", (request) => {
      const isLocal = request.url().startsWith(url) || /^(data|blob):/.test(request.url());
      if (!isLocal) person.#faults.push(`asked another host: ${request.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        console.error(`policy: ${violatedDirective} forbids ${blockedURI}`);
      });
    });
    return person;
  }

  get account(): Account {
    if (!this.#account) throw new Error("nobody has logged in here by the API");
    return this.#account;
  }

  /** This test brings such a fault about. */
  expectFaults(like: RegExp): void {
    this.#expected.push(like);
  }

  get faults(): string[] {
    return this.#faults.filter((fault) => !this.#expected.some((like) => like.test(fault)));
  }

  async open(path = "/"): Promise<void> {
    await this.page.goto(this.#url + path);
  }

  async openRoom(room: Room): Promise<void> {
    await this.open(`/rooms/${room.id}`);
    await expect(this.page.getByRole("heading", { name: room.name, exact: true })).toBeVisible();
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: /^Mensaje para / });
  }

  /** The messages that the page holds: of a long history those about the view. */
  get messages(): Locator {
    return this.page.getByRole("log").getByRole("article");
  }

  message(text: string): Locator {
    return this.messages.filter({ has: this.page.getByText(text, { exact: true }) });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Chooses files by the button. */
  async attach(...files: Sent[]): Promise<void> {
    const chooser = this.page.waitForEvent("filechooser");
    await this.page.getByRole("button", { name: "Adjuntar archivos" }).click();
    await (await chooser).setFiles(files);
  }

  /** Drags files over the messages and lets go of them, or pastes them where one writes. */
  async give(how: "drop" | "paste", ...files: Sent[]): Promise<void> {
    const data = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString("base64") }));
    const transfer = await this.page.evaluateHandle((sent) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, base64 } of sent) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: mimeType }));
      }
      return transfer;
    }, data);
    if (how === "paste") {
      await this.composer.evaluate((field, clipboardData) => {
        field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      }, transfer);
      return;
    }
    const target = this.page.getByRole("main").locator("section").first();
    await target.dispatchEvent("dragenter", { dataTransfer: transfer });
    await expect(this.page.getByText("Suelta aquí los archivos")).toBeVisible();
    await target.dispatchEvent("drop", { dataTransfer: transfer });
    await expect(this.page.getByText("Suelta aquí los archivos")).toBeHidden();
  }

  /** The files that go with the next message. */
  get tray(): Locator {
    return this.page.getByRole("list", { name: "Archivos adjuntos" }).getByRole("listitem");
  }

  /** Shown, and acknowledged by the server. */
  async seesSent(text: string): Promise<void> {
    await expect(this.message(text).getByRole("img", { name: "Enviado", exact: true })).toBeVisible();
  }

  async sees(text: string): Promise<void> {
    await expect(this.message(text)).toHaveCount(1);
    await expect(this.message(text)).toBeVisible();
  }

  /**
   * Notes from now on what the statuses within the view say, and gives what was said so far. The page itself looks: who
   * asks from outside now and then may miss what is shown for a moment.
   */
  async noteStatuses(): Promise<() => Promise<string>> {
    const noted = await this.page.evaluateHandle(() => {
      const said: string[] = [];
      const look = () => {
        for (const status of document.querySelectorAll("[role=status]")) {
          const { top, bottom } = status.getBoundingClientRect();
          const isInView = bottom > Math.max(top, 0) && top < innerHeight;
          if (isInView && said.at(-1) !== status.textContent) said.push(status.textContent ?? "");
        }
      };
      const changes = { subtree: true, childList: true, characterData: true, attributes: true };
      new MutationObserver(look).observe(document, changes);
      return { said };
    });
    return () => noted.evaluate(({ said }) => said.join("\n"));
  }

  /** In an open room that is this person's. */
  async addMember(username: string): Promise<void> {
    await this.page.getByRole("button", { name: "Añadir personas" }).first().click();
    const dialog = this.page.getByRole("dialog", { name: "Añadir personas" });
    await dialog.getByRole("textbox", { name: "Nombre de usuario" }).or(dialog.getByRole("combobox")).fill(username);
    await this.page.getByRole("option").filter({ hasText: username }).click();
    await dialog.getByRole("button", { name: "Añadir", exact: true }).click();
    await expect(dialog.getByText("ya está en la sala")).toBeVisible();
    await dialog.getByRole("button", { name: "Cerrar" }).last().click();
  }

  /** The sidebar's link to a room, which is named by the room and what is unread there. */
  roomLink(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Salas" }).getByRole("link").filter({ hasText: name });
  }
}
