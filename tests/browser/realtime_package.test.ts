import { execFile, spawn } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { PASSWORD } from "./support/account.ts";
import { expect, test } from "./support/test.ts";

const WEB = resolve(import.meta.dirname, "../../web");

test("the real-time package talks without a browser, as its README says", async ({ ownServer, person }) => {
  const server = await ownServer();
  const [ana, ben] = [await person("Ana"), await person("Ben")];
  const room = await ana.account.makeRoom("Terminal", { members: [ben.account] });
  await promisify(execFile)(
    process.execPath,
    ["../node_modules/typescript/bin/tsc", "--project", "tsconfig.build.json"],
    {
      cwd: resolve(WEB, "realtime"),
    },
  );
  const program = spawn(
    process.execPath,
    ["realtime/example/terminal.mjs", server.url, ben.account.username, PASSWORD, String(room.id)],
    { cwd: WEB },
  );
  let printed = "";
  program.stdout.on("data", (text) => {
    printed += text;
  });
  program.stderr.on("data", (text) => {
    printed += text;
  });
  const prints = (text: string) => expect.poll(() => printed).toContain(text);
  try {
    await prints("[online]");
    await ana.openRoom(room);
    await ana.say("hola");
    await prints("ana: hola");
    program.stdin.write("¿qué tal?\n");
    await ana.sees("¿qué tal?");
    ana.expectFaults(/net::ERR_|WebSocket connection to/);
    await server.kill();
    await prints("[waiting]");
    program.stdin.write("desde el corte\n");
    await server.restart();
    await ana.sees("desde el corte");
    program.stdin.end();
    await expect.poll(() => program.exitCode).toBe(0);
  } finally {
    program.kill();
  }
});
