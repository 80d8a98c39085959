import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the client by itself and asks this server for the rest.
const server = process.env.IZPOCHAT_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ["source", "module", "browser", "development|production"] },
  build: {
    outDir: "../../build/web/dist",
    emptyOutDir: true,
    target: "es2022",
    // What knows light-dark(): else it is rewritten into something that Mantine's switch does not reach.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "assets/licenses.md" },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/health", "/docs"].map((path) => [path, { target: server, ws: true }])),
  },
});
