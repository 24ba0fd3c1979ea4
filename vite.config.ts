import { defineConfig } from "vite";

export default defineConfig({
  root: "src/allpoints/web/assets",
  base: "/static/",
  publicDir: false,
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // Engines that know light-dark(); older ones take the plain colours before it.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A data: address would break the content security policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { input: "src/allpoints/web/assets/console.ts" },
  },
});
