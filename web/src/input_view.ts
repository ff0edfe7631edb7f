// SPDX-License-Identifier: Apache-2.0
// The lower left: test cases, or stdin, and the options of a submission.
import type { Draft } from "./draft.ts";
import { announce, fill, h, icon } from "./dom.ts";
import { points } from "./text.ts";
import type { LimitsShown } from "./result_view.ts";

const COMPARES = [
	["trim", "ignore trailing white space"],
	["exact", "every byte"],
	["tokens", "words, whatever stands between them"],
	["float", "numbers, nearly equal"],
	["unordered", "lines in any order"],
	["tokens_ignore_case", "words, large or small letters"],
	["sorted_lines", "lines in any order, each by its words"],
	["regex", "expected is a pattern"],
] as const;

// field, label, unit shown, how many of the API's units one of those is
const LIMITS = [
	["cpu_ms", "Cpu time", "ms", 1],
	["wall_ms", "Wall time", "ms", 1],
	["memory_kb", "Memory", "MB", 1024],
] as const;

export interface InputView {
	element: HTMLElement;
	load(draft: Draft): void;
	mark(index: number, state: string): void;
	clearMarks(): void;
	addCase(): void;
}

function grow(area: HTMLTextAreaElement): void {
	area.rows = Math.min(8, Math.max(2, area.value.split("\n").length));
}

function area(label: string, value: string, set: (value: string) => void): HTMLTextAreaElement {
	const el = h("textarea", { "aria-label": label, spellcheck: "false", autocapitalize: "off", value });
	el.addEventListener("input", () => {
		set(el.value);
		grow(el);
	});
	grow(el);
	return el;
}

function check(label: string, get: boolean, set: (on: boolean) => void): HTMLElement {
	const box = h("input", { type: "checkbox", checked: get });
	box.addEventListener("change", () => set(box.checked));
	return h("label", { class: "check" }, box, h("span", {}, label));
}

function limitField(d: Draft, row: (typeof LIMITS)[number], placeholder: number | undefined, changed: () => void) {
	const [field, label, unit, scale] = row;
	const set = d.limits[field];
	const input = h("input", { type: "number", min: "1", inputmode: "numeric", name: field });
	if (set !== undefined) input.value = String(set / scale);
	if (placeholder !== undefined) input.placeholder = String(placeholder / scale);
	input.addEventListener("input", () => {
		const value = Math.round(Number(input.value) * scale);
		if (input.value !== "" && value >= 1) d.limits[field] = value;
		else delete d.limits[field];
		changed();
	});
	return h("label", { class: "field" }, h("span", {}, label), h("span", { class: "unit" }, input, h("i", {}, unit)));
}

// Fields that this page has no place for: a checker, groups, a function, files.
function others(d: Draft, changed: () => void): HTMLElement {
	const text = Object.keys(d.others).length ? JSON.stringify(d.others, null, 2) : "";
	const fault = h("p", { class: "hint fault", role: "status" });
	const field = h("textarea", { name: "others", spellcheck: "false", autocapitalize: "off", value: text,
		placeholder: '{"function": {"name": "add"}}' });
	field.rows = Math.min(12, Math.max(2, text.split("\n").length));
	field.addEventListener("input", () => {
		fault.textContent = "";
		field.removeAttribute("aria-invalid");
		try {
			const value: unknown = JSON.parse(field.value.trim() || "{}");
			if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it must be an object");
			d.others = value as Record<string, unknown>;
			changed();
		} catch (e) {
			field.setAttribute("aria-invalid", "true");
			fault.textContent = `Not sent: ${e instanceof Error ? e.message : e}`;
		}
	});
	return h("label", { class: "field" }, h("span", {}, "Further fields of the request, as JSON: checker, groups, function, files, env"), field, fault);
}

function options(d: Draft, defaults: LimitsShown, changed: () => void): HTMLElement {
	const compare = h("select", { name: "compare" }, ...COMPARES.map(([v, doc]) => h("option", { value: v }, `${v}: ${doc}`)));
	compare.value = d.compare;
	compare.addEventListener("change", () => {
		d.compare = compare.value;
		changed();
	});
	const args = h("input", { name: "args", placeholder: "none", value: d.args.join(" "), spellcheck: "false" });
	args.addEventListener("input", () => {
		d.args = args.value.split(/\s+/).filter((a) => a !== "");
		changed();
	});
	return h(
		"div",
		{ class: "options" },
		h("div", { class: "fields" }, ...LIMITS.map((row) => limitField(d, row, defaults[row[0]], changed))),
		h("label", { class: "field" }, h("span", {}, "Output is compared by"), compare),
		h("label", { class: "field" }, h("span", {}, "Arguments, separated by blanks"), args),
		h(
			"div",
			{ class: "checks" },
			check("Stop at the first case that fails", d.stopOnFailure, (on) => ((d.stopOnFailure = on), changed())),
			check("Start cold, from a new interpreter", d.fresh, (on) => ((d.fresh = on), changed())),
		),
		others(d, changed),
	);
}

export function inputView(defaults: () => LimitsShown, changed: () => void): InputView {
	let d: Draft;
	let pane: "tests" | "stdin" | "options" = "tests";
	let marks: (HTMLElement | undefined)[] = [];
	const body = h("div", { class: "pane", id: "input-pane", role: "tabpanel" });
	const tabs = (["tests", "stdin", "options"] as const).map((name) =>
		h("button", { type: "button", role: "tab", "data-tab": name, "aria-controls": "input-pane", onclick: () => choose(name) }),
	);

	function choose(name: typeof pane): void {
		pane = name;
		if (name !== "options") d.mode = name;
		changed();
		show();
	}

	function labels(): void {
		const words = { tests: `Test cases`, stdin: "Stdin", options: "Options" };
		tabs.forEach((tab) => {
			const name = tab.dataset["tab"] as typeof pane;
			const count = name === "tests" && d.cases.length ? h("span", { class: "count" }, d.cases.length) : null;
			const used = name !== "options" && name === d.mode ? h("span", { class: "used", title: "is used" }) : null;
			fill(tab, words[name], count, used);
			tab.setAttribute("aria-selected", String(name === pane));
		});
	}

	// What a case has besides its texts; a link may have brought it.
	function besides(c: Draft["cases"][number]): HTMLElement | null {
		const { input: _, expected: __, ...more } = c;
		const words = Object.entries(more).map(([name, value]) => {
			if (name === "points" && typeof value === "number") return `${points(value)} points`;
			return typeof value === "string" ? `${name} ${value}` : `${name} ${JSON.stringify(value)}`;
		});
		return words.length ? h("p", { class: "besides" }, words.join(" · ")) : null;
	}

	function caseRow(i: number): HTMLElement {
		const c = d.cases[i]!;
		const number = h("span", { class: "case-number" }, i + 1);
		marks[i] = number;
		const remove = h("button", { class: "quiet square", type: "button", "aria-label": `Remove case ${i + 1}` }, icon("trash"));
		remove.addEventListener("click", () => {
			d.cases.splice(i, 1);
			changed();
			show();
			announce(`Case ${i + 1} removed`);
			(body.querySelector<HTMLElement>(".add") ?? body).focus();
		});
		return h(
			"div",
			{ class: "case-edit", role: "group", "aria-label": `Case ${i + 1}` },
			number,
			h("label", {}, h("span", {}, "Input"), area(`Input of case ${i + 1}`, c.input, (v) => ((c.input = v), changed()))),
			h("label", {}, h("span", {}, "Expected"),
				area(`Expected output of case ${i + 1}`, c.expected, (v) => ((c.expected = v), changed()))),
			remove,
			besides(c),
		);
	}

	function show(): void {
		labels();
		marks = [];
		if (pane === "options") return fill(body, options(d, defaults(), changed));
		if (pane === "stdin") {
			const text = area("Standard input", d.stdin, (v) => ((d.stdin = v), changed()));
			text.classList.add("tall");
			return fill(body, h("p", { class: "hint" }, "Run once with this input; nothing is compared."), text);
		}
		fill(
			body,
			...d.cases.map((_, i) => caseRow(i)),
			d.cases.length === 0 && h("p", { class: "hint" }, "Without a case the program runs once, with empty input."),
			h("button", { class: "quiet add", type: "button", onclick: addCase }, icon("plus"), "Add a case"),
		);
	}

	function addCase(): void {
		d.cases.push({ input: "", expected: "" });
		choose("tests");
		const inputs = body.querySelectorAll<HTMLElement>(".case-edit textarea");
		inputs[inputs.length - 2]?.focus();
	}

	return {
		element: h("section", { class: "card input", "aria-label": "Input" }, h("div", { class: "tabs", role: "tablist" }, ...tabs), body),
		load(draft) {
			d = draft;
			pane = d.mode;
			show();
		},
		mark(index, state) {
			if (marks[index]) marks[index].dataset["state"] = state;
		},
		clearMarks() {
			for (const m of marks) if (m) delete m.dataset["state"];
		},
		addCase,
	};
}
