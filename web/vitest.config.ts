import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: { include: ["realtime/test/**/*.test.ts", "app/test/**/*.test.{ts,tsx}"] },
});
