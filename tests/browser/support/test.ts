import { type BrowserContextOptions, test as base, expect } from "@playwright/test";
import { Account } from "./account.ts";
import { Person } from "./person.ts";
import { Server } from "./server.ts";

interface Fixtures {
  /** Where everybody is. It is shared, unless the test asks for `ownServer`. */
  server: Server;
  /** Gives a server that this test may kill, and to which its people go from then on. */
  ownServer: (settings?: Record<string, string>) => Promise<Server>;
  /** Somebody whom the server does not know, before a browser of their own. */
  stranger: (options?: BrowserContextOptions) => Promise<Person>;
  /** Somebody who is registered and logged in, before a browser of their own. */
  person: (name: string, options?: BrowserContextOptions) => Promise<Person>;
}

interface WorkerFixtures {
  sharedServer: Server;
}

interface Place {
  server: Server;
  people: Person[];
}

export const test = base.extend<Fixtures & { place: Place }, WorkerFixtures>({
  sharedServer: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is wanted from it
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],

  // Whatever a test is about: nobody's page may complain, be stopped by its policy, or ask another host.
  place: async ({ sharedServer }, use) => {
    const place: Place = { server: sharedServer, people: [] };
    await use(place);
    const faults = place.people.flatMap((person) => person.faults);
    for (const { context } of place.people) await context.close();
    if (place.server !== sharedServer) await place.server.stop();
    expect(faults, "faults of the pages").toEqual([]);
  },

  server: async ({ place }, use) => use(place.server),

  ownServer: async ({ place }, use) =>
    use(async (settings) => {
      place.server = await Server.start(settings);
      return place.server;
    }),

  stranger: async ({ browser, place }, use) =>
    use(async (options) => {
      const person = await Person.sitDown(await browser.newContext(options), place.server.url, null);
      place.people.push(person);
      return person;
    }),

  person: async ({ browser, place }, use) =>
    use(async (name, options) => {
      const { url } = place.server;
      const account = await Account.register(place.server, name);
      const localStorage = [{ name: "izpochat.session", value: JSON.stringify(account.session) }];
      const storageState = { cookies: [], origins: [{ origin: url, localStorage }] };
      const person = await Person.sitDown(await browser.newContext({ storageState, ...options }), url, account);
      place.people.push(person);
      return person;
    }),
});

export { expect };
