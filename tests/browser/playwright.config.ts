import { defineConfig } from "@playwright/test";

// Debian's own browser, told to stay at home: it looks for nothing but the server under test.
const chromium = {
  executablePath: process.env.IZPOCHAT_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
  ],
};

export default defineConfig({
  testDir: ".",
  projects: [
    { name: "tests", testMatch: "*.test.ts" },
    { name: "screenshots", testMatch: "screenshots.ts" },
  ],
  outputDir: "../../build/browser",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  // A browser that got no turn on a crowded machine is tried once more, and named as flaky; a fault fails twice.
  retries: process.env.CI ? 1 : 0,
  timeout: 150_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    launchOptions: chromium,
    locale: "es-ES",
    timezoneId: "Europe/Madrid",
    viewport: { width: 1280, height: 800 },
    actionTimeout: 20_000,
    screenshot: "only-on-failure",
  },
});
