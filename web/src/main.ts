// SPDX-License-Identifier: Apache-2.0
// The frame of both pages: where one goes, whether the server is there, light or dark.
import { ready } from "./api.ts";
import { fill, h, icon, store, stored } from "./dom.ts";
import { Playground } from "./play.ts";
import { StatusPage } from "./status.ts";

const THEMES = ["auto", "light", "dark"] as const;
const POLL_MS = 5000;

function themeButton(): HTMLElement {
	const button = h("button", { class: "quiet square", type: "button" });
	let now = (THEMES.find((t) => t === stored("kodewar.theme")) ?? "auto") as (typeof THEMES)[number];
	const show = () => {
		if (now === "auto") delete document.documentElement.dataset["theme"];
		else document.documentElement.dataset["theme"] = now;
		fill(button, icon(now === "light" ? "sun" : now === "dark" ? "moon" : "auto"));
		button.setAttribute("aria-label", `Colours: ${now}`);
		button.title = `Colours: ${now}`;
	};
	button.addEventListener("click", () => {
		now = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]!;
		store("kodewar.theme", now);
		show();
	});
	show();
	return button;
}

function start(): void {
	const pages = { "/": new Playground(), "/status": new StatusPage() };
	const titles = { "/": "Playground", "/status": "Status" };
	type Path = keyof typeof pages;
	const pill = h("span", { class: "pill", role: "status" }, "Connecting …");
	const place = h("div", { class: "place" });
	const links = (Object.keys(pages) as Path[]).map((path) => h("a", { href: path }, titles[path]));
	let connected = false;

	function go(path: string): void {
		const here = (path in pages ? path : "/") as Path;
		for (const link of links) {
			if (link.pathname === here) link.setAttribute("aria-current", "page");
			else link.removeAttribute("aria-current");
		}
		document.title = here === "/" ? "KodeWar Sandbox" : `${titles[here]} · KodeWar Sandbox`;
		fill(place, pages[here].element);
		pages["/status"].active(here === "/status");
	}

	async function poll(): Promise<void> {
		const reason = await ready();
		pill.textContent = reason ? (reason.startsWith("The server does") ? "Offline" : "Not ready") : "Ready";
		pill.dataset["state"] = reason ? "bad" : "good";
		pill.title = reason || "The server takes submissions";
		if (!reason && !connected)
			await pages["/"].connect().then(
				() => (connected = true),
				() => undefined, // a token may be missing: the first run asks for it
			);
		if (reason) connected = false;
		setTimeout(() => void poll(), POLL_MS);
	}

	for (const link of links)
		link.addEventListener("click", (e) => {
			if (e.ctrlKey || e.metaKey || e.shiftKey) return;
			e.preventDefault();
			history.pushState(null, "", link.pathname);
			go(link.pathname);
		});
	window.addEventListener("popstate", () => go(location.pathname));
	fill(document.querySelector("#app")!,
		h("header", {},
			h("a", { class: "brand", href: "/" }, h("img", { src: "/assets/icon.svg", alt: "", width: 26, height: 26 }),
				h("b", {}, "KodeWar"), h("span", {}, "Sandbox")),
			h("nav", { "aria-label": "Pages" }, ...links),
			h("span", { class: "spring" }), pill, themeButton()),
		place,
		h("div", { id: "live", class: "offscreen", "aria-live": "polite" }));
	go(location.pathname);
	void poll();
}

start();
