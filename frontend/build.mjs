// Bundles the front end: `node build.mjs` writes hashed files and manifest.json to zhike/web/static/dist.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../zhike/web/static/dist");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

// The dark colours stand once in tokens.css; "like the device" gets them by media query.
const systemTheme = {
  name: "system-theme",
  setup: (builder) =>
    builder.onLoad({ filter: /tokens\.css$/ }, ({ path }) => {
      const css = readFileSync(path, "utf8");
      const dark = css.match(/:root\[data-theme="dark"\] (\{[^}]*\})/)[1];
      const system = `@media (prefers-color-scheme: dark) { :root[data-theme="system"] ${dark} }`;
      return { contents: `${css}\n${system}`, loader: "css" };
    }),
};

const result = await build({
  absWorkingDir: here,
  entryPoints: { early: "src/early.js", app: "src/app.js", style: "src/app.css" },
  plugins: [systemTheme],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: ["chrome111", "firefox115", "safari16.4"],
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
});

const manifest = {};
for (const [path, { entryPoint }] of Object.entries(result.metafile.outputs)) {
  if (entryPoint) manifest[basename(entryPoint)] = basename(path);
}

const sprite = makeSprite(JSON.parse(readFileSync(join(here, "icons.json"), "utf8")));
const spriteName = `icons-${createHash("sha256").update(sprite).digest("hex").slice(0, 8).toUpperCase()}.svg`;
writeFileSync(join(out, spriteName), sprite);
manifest["icons.svg"] = spriteName;
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");

for (const name of readdirSync(out)) {
  if (name === "manifest.json") continue;
  const bytes = readFileSync(join(out, name));
  const gz = gzipSync(bytes, { level: 9 });
  writeFileSync(join(out, `${name}.gz`), gz);
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(out, `${name}.br`), br);
  if (process.argv.includes("--sizes")) console.log(`${name}  ${bytes.length} bytes, ${gz.length} gzip, ${br.length} brotli`);
}

// One sprite of the icons we use: `icons.json` maps our name to Tabler's. Strokes and fills are those of the symbol.
function makeSprite(names) {
  const { icons } = JSON.parse(readFileSync(join(here, "node_modules/@iconify-json/tabler/icons.json"), "utf8"));
  const symbols = Object.entries(names).map(([ours, theirs]) => {
    if (!icons[theirs]) throw new Error(`icons.json: there is no icon "${theirs}"`);
    const inner = icons[theirs].body.replace(/ (fill|stroke|stroke-\w+)="[^"]*"/g, "");
    const paint = theirs.endsWith("-filled") ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
    return `<symbol id="${ours}" viewBox="0 0 24 24" ${paint}>${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}
