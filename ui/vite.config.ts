import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** The server that `vite dev` shows the pages of. */
const SERVER = process.env.OFFSTAGE_URL ?? "http://127.0.0.1:8080";
const toServer = { target: SERVER, ws: true };

/** Modules of the first page: all of its folders but what is loaded when it is opened. */
const EVERY_PAGE =
  /^(?!.*(?:search-panel|folder-picker|message-editor|chat-settings|prompt-list)).*(?:src.contract|ui.src.(api|conversation|design|markdown|sidebar|state|[\w.]+$)|node_modules(?!.*(?:highlight\.js|socket\.io|engine\.io)))/;

/** The connection over which events come: it has a file of its own, beside the first page. */
const LIVE = /node_modules.*(?:socket\.io|engine\.io)/;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte()],
  server: { host: "127.0.0.1", proxy: { "/api": toServer, "/openai": toServer, "/ws": toServer } },
  build: {
    outDir: "../dist/ui",
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy lets nothing run or show that is not a file of ours.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What every page needs comes in one file: in two it compresses worse. What is loaded later must not stand here.
        codeSplitting: {
          groups: [
            { name: "stage", test: EVERY_PAGE },
            { name: "live", test: LIVE },
          ],
        },
      },
    },
  },
});
