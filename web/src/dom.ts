// SPDX-License-Identifier: Apache-2.0
// Elements without a framework: text is always text, never markup, so that nothing a program prints can become page.

type Child = Node | string | number | null | undefined | false;
type Props = Record<string, unknown>;

export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	props: Props = {},
	...children: Child[]
): HTMLElementTagNameMap[K] {
	const el = document.createElement(tag);
	for (const [name, value] of Object.entries(props)) {
		if (value === undefined || value === null || value === false) continue;
		if (name.startsWith("on")) el.addEventListener(name.slice(2), value as EventListener);
		else if (name in el && typeof value !== "string") Reflect.set(el, name, value);
		else if (name === "value") Reflect.set(el, name, value);
		else el.setAttribute(name, value === true ? "" : String(value));
	}
	put(el, children);
	return el;
}

export function put(el: Element, children: Child[]): void {
	for (const child of children)
		if (child !== null && child !== undefined && child !== false)
			el.append(child instanceof Node ? child : String(child));
}

export function fill(el: Element, ...children: Child[]): void {
	el.replaceChildren();
	put(el, children);
}

export function svg(tag: string, attrs: Record<string, string | number>, ...children: Child[]): SVGElement {
	const el = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (const [name, value] of Object.entries(attrs)) el.setAttribute(name, String(value));
	put(el, children);
	return el;
}

const PATHS: Record<string, string> = {
	play: "M7 4.5v15l12-7.5z",
	stop: "M6.5 6.5h11v11h-11z",
	plus: "M12 5v14M5 12h14",
	trash: "M5 7h14M10 7V4.5h4V7m-7 0 .8 12.5h8.4L17 7M10.5 11v5M13.5 11v5",
	check: "m5 12.5 4.5 4.5L19 7.5",
	half: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 3.5v17m3.5-14.5v12m3-8.5v5",
	cross: "m6.5 6.5 11 11m0-11-11 11",
	clock: "M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
	memory: "M6.5 6.5h11v11h-11zM10 3.5v3m4-3v3m-4 11v3m4-3v3m-10.5-10.5h3m-3 4h3m11-4h3m-3 4h3",
	warn: "M12 4 2.8 19.5h18.4zM12 10v4.5m0 2.2v.3",
	skip: "M6 12h12",
	copy: "M8.5 8.5h11v11h-11zM5 15.5H4.5v-11h11V5",
	link: "M10 14a4 4 0 0 0 6 .4l3-3a4.1 4.1 0 0 0-5.8-5.8l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4.1 4.1 0 0 0 5.8 5.8l1.5-1.5",
	shield: "M12 3.5 5 6v5.5c0 4.3 3 7.5 7 9 4-1.5 7-4.7 7-9V6z",
	sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2m0 15v2m9.5-9.5h-2m-15 0h-2m16.2-6.7-1.4 1.4M6.7 17.3l-1.4 1.4m13.4 0-1.4-1.4M6.7 6.7 5.3 5.3",
	moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
	auto: "M4.5 5.5h15v10.5h-15zM9 20h6m-3-4v4",
	sliders: "M4 8h9m4 0h3M4 16h3m4 0h9M15 5.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6zM9 13.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z",
};

export function icon(name: string, title?: string): SVGElement {
	const path = svg("path", { d: PATHS[name] ?? "" });
	if (name === "play" || name === "stop") path.setAttribute("class", "solid");
	const el = svg("svg", { viewBox: "0 0 24 24", class: "icon" }, path);
	if (title) el.setAttribute("aria-label", title);
	else el.setAttribute("aria-hidden", "true");
	return el;
}

export function copyButton(label: string, text: () => string | Promise<string>): HTMLButtonElement {
	const word = h("span", {}, label);
	const button = h("button", { class: "quiet", type: "button" }, icon("copy"), word);
	button.addEventListener("click", async () => {
		word.textContent = (await copyText(await text())) ? "Copied" : "Select and copy by hand";
		setTimeout(() => (word.textContent = label), 1600);
	});
	return button;
}

// The clipboard API needs a secure context; http://host:port is none, so there is the old way as well.
async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = h("textarea", { class: "offscreen", value: text });
		document.body.append(area);
		area.select();
		const done = document.execCommand("copy");
		area.remove();
		return done;
	}
}

export function announce(text: string): void {
	const live = document.querySelector("#live");
	if (live) live.textContent = text;
}

export function stored(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

export function store(key: string, value: string): void {
	try {
		localStorage.setItem(key, value);
	} catch {
		// A browser without storage forgets; nothing else depends on it.
	}
}
