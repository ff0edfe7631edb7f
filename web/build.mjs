// SPDX-License-Identifier: Apache-2.0
// Makes web/dist from web/src: what the binary embeds (src/gate/http/web_assets.h).  The same sources and lock file always
// give the same bytes, which tools/check-web relies on.
import { build } from "esbuild";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.argv[2] ?? join(here, "dist");

// Licences of what is bundled travel with it.
function licences(inputs) {
	const packages = new Set();
	for (const path of Object.keys(inputs)) {
		const match = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
		if (match) packages.add(match[1]);
	}
	const parts = ["What /assets/app.js contains besides KodeWar Sandbox itself (Apache-2.0).\n"];
	for (const name of [...packages].sort()) {
		const at = join(here, "node_modules", name);
		const { version, license } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
		const file = readdirSync(at).find((f) => /^licen[cs]e/i.test(f));
		if (!file) throw new Error(`${name}: no licence text`);
		parts.push(`---- ${name} ${version} (${license})\n\n${readFileSync(join(at, file), "utf8").trim()}\n`);
	}
	return parts.join("\n");
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const result = await build({
	absWorkingDir: here,
	entryPoints: { app: "src/main.ts", style: "src/style.css" },
	outdir: dist,
	bundle: true,
	minify: true,
	format: "esm",
	target: ["es2021", "chrome100", "firefox102", "safari15.4"],
	charset: "utf8",
	legalComments: "none",
	metafile: true,
	logLevel: "warning",
});
for (const name of ["index.html", "icon.svg"]) cpSync(join(here, "src", name), join(dist, name));
writeFileSync(join(dist, "licences.txt"), licences(result.metafile.inputs));
