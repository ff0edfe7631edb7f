// SPDX-License-Identifier: Apache-2.0
// The right side: what happens while it happens, then the verdict, its evidence, and each case.
import type { CaseResult, Event, Outcome, Result, Usage } from "./api.ts";
import { diffView } from "./diff_view.ts";
import { copyButton, fill, h, icon } from "./dom.ts";

const SHOWN_MAX = 65536; // characters of one output; the rest is in the result's JSON
const OPEN_MAX = 3; // failed cases that open by themselves

// verdict: what to call it, its colour, its icon
const VERDICTS: Record<string, [string, string, string]> = {
	accepted: ["Accepted", "good", "check"],
	wrong_answer: ["Wrong answer", "bad", "cross"],
	time_limit: ["Time limit exceeded", "warn", "clock"],
	memory_limit: ["Memory limit exceeded", "warn", "memory"],
	output_limit: ["Output limit exceeded", "warn", "warn"],
	disk_limit: ["Disk limit exceeded", "warn", "warn"],
	process_limit: ["Process limit exceeded", "warn", "warn"],
	runtime_error: ["Runtime error", "bad", "warn"],
	compile_error: ["Compile error", "bad", "warn"],
	security_violation: ["Security violation", "violet", "shield"],
	internal_error: ["Internal error", "violet", "warn"],
	skipped: ["Not run", "dim", "skip"],
};

export function verdictOf(verdict: string | null): [string, string, string] {
	return VERDICTS[verdict ?? ""] ?? [verdict ?? "Refused", "dim", "warn"];
}

export interface LimitsShown {
	cpu_ms: number;
	wall_ms: number;
	memory_kb: number;
}

const ms = (n: number) => (n < 1000 ? `${n} ms` : `${(n / 1000).toFixed(n < 10000 ? 2 : 1)} s`);
const kb = (n: number) => (n < 1024 ? `${n} KB` : `${(n / 1024).toFixed(n < 102400 ? 1 : 0)} MB`);

function meter(label: string, value: number, limit: number, text: (n: number) => string): HTMLElement {
	const share = Math.min(1, value / limit);
	const bar = h("progress", {
		max: 1, value: share,
		"aria-label": `${label}: ${text(value)} of ${text(limit)}`,
		class: share >= 1 ? "over" : share > 0.8 ? "near" : "",
	});
	bar.value = share;
	return h("div", { class: "meter" }, h("span", { class: "name" }, label), bar,
		h("span", { class: "value" }, h("b", {}, text(value)), ` of ${text(limit)}`));
}

export function meters(usage: Usage, limits: LimitsShown): HTMLElement {
	return h("div", { class: "meters" },
		meter("Cpu", usage.cpu_ms, limits.cpu_ms, ms),
		meter("Wall", usage.wall_ms, limits.wall_ms, ms),
		meter("Memory", usage.memory_kb, limits.memory_kb, kb));
}

export function outputBlock(title: string, text: string, cut: boolean, tone = ""): HTMLElement | null {
	if (text === "" && !cut) return null;
	const more = text.length > SHOWN_MAX;
	return h("div", { class: `block ${tone}` },
		h("div", { class: "block-head" }, h("h3", {}, title), copyButton("Copy", () => text)),
		h("pre", { tabindex: "0", "aria-label": title }, more ? text.slice(0, SHOWN_MAX) : text),
		(more || cut) && h("p", { class: "hint" },
			more ? `The first ${SHOWN_MAX} characters of ${text.length}; all of it is in the result's JSON. ` : "",
			cut ? "The program wrote more than the limit: the rest was not kept." : ""));
}

function facts(o: Outcome): HTMLElement[] {
	const list: [string, string][] = [];
	if (o.exit_code !== null) list.push(["exit code", String(o.exit_code)]);
	if (o.signal) list.push(["signal", o.signal]);
	if (o.runner) list.push(["started", o.runner]);
	for (const name of o.limits_hit ?? []) list.push(["limit touched", name]);
	for (const { name, count } of o.denied_syscalls ?? []) list.push(["denied", count > 1 ? `${name} × ${count}` : name]);
	return list.map(([name, value]) => h("span", { class: "fact" }, `${name} `, h("b", {}, value)));
}

function badge(verdict: string | null): HTMLElement {
	const [name, tone, mark] = verdictOf(verdict);
	return h("span", { class: `badge ${tone}` }, icon(mark), name);
}

function caseBody(c: CaseResult): HTMLElement {
	return h("div", { class: "case-body" },
		c.error && h("p", { class: "sentence" }, c.error.split("\n")[0]!),
		c.verdict === "wrong_answer" && diffView(c.expected, c.actual),
		outputBlock("Input", c.input, false),
		c.verdict === "accepted" && outputBlock("Output", c.actual, false),
		c.verdict !== "wrong_answer" && c.verdict !== "accepted" && c.verdict !== "skipped" &&
			outputBlock("Output", c.actual, c.truncated?.output ?? false),
		outputBlock("Stderr", c.stderr ?? "", c.truncated?.stderr ?? false, "err"),
		h("div", { class: "facts" }, ...facts(c)));
}

function caseItem(i: number, c: CaseResult, open: boolean): HTMLElement {
	const item = h("details", { class: `case ${verdictOf(c.verdict)[1]}`, "data-case": i },
		h("summary", {},
			h("span", { class: "case-number", "data-state": c.passed ? "good" : c.verdict === "skipped" ? "dim" : "bad" }, i + 1),
			badge(c.verdict),
			c.usage && c.verdict !== "skipped" &&
				h("span", { class: "cost" }, `${ms(c.usage.cpu_ms)} · ${kb(c.usage.memory_kb)}`)));
	// A thousand cases need not be a thousand diffs before somebody looks.
	const make = () => item.childElementCount === 1 && item.append(caseBody(c));
	item.addEventListener("toggle", make, { once: true });
	if (open) {
		make();
		item.open = true;
	}
	return item;
}

function summary(r: Result): string {
	const ran = r.test_results.length;
	if (!ran) return r.verdict === "accepted" ? "The program ran to its end." : r.error.split("\n")[0]!;
	const passed = r.test_results.filter((c) => c.passed).length;
	const sentence = r.error.split("\n")[0]!;
	return `${passed} of ${ran} case${ran > 1 ? "s" : ""} passed${sentence ? `. ${sentence}` : "."}`;
}

export function banner(verdict: string | null, text: string): HTMLElement {
	const [name, tone, mark] = verdictOf(verdict);
	return h("div", { class: `banner ${tone}`, "data-verdict": verdict ?? "refused" },
		h("span", { class: "mark" }, icon(mark)), h("div", {}, h("h2", {}, name), h("p", {}, text)));
}

export function resultParts(r: Result, limits: LimitsShown): (HTMLElement | null)[] {
	let opened = 0;
	const tests = r.test_results;
	const open = (c: CaseResult) => !c.passed && c.verdict !== "skipped" && opened++ < OPEN_MAX;
	return [
		banner(r.verdict, summary(r)),
		r.compile && r.verdict === "compile_error" ? outputBlock("Compiler", r.compile.output || r.error, false, "err") : null,
		r.verdict === "compile_error" ? null : meters(r.usage, limits),
		tests.length > 1 ? h("p", { class: "hint" }, "Cpu and wall time of all cases together; each has the limit to itself.") : null,
		tests.length ? h("div", { class: "cases" }, ...tests.map((c, i) => caseItem(i, c, open(c)))) : null,
		tests.length ? null : outputBlock("Output", r.output, r.truncated?.output ?? false),
		tests.length ? null : outputBlock("Stderr", r.stderr, r.truncated?.stderr ?? false, "err"),
		r.compile && r.verdict !== "compile_error" ? outputBlock("Compiler", r.compile.output, false) : null,
		h("div", { class: "facts" }, ...(tests.length ? [] : facts(r)),
			r.id ? h("span", { class: "fact" }, "job ", h("b", {}, r.id)) : null),
	];
}

// While it runs: where it stands, which cases are judged, what was printed.
export class LiveView {
	readonly element: HTMLElement;
	private readonly state = h("h2", {}, "Sending …");
	private readonly clock = h("p", { class: "elapsed" }, "0.0 s");
	private readonly strip = h("div", { class: "strip" });
	private readonly output = h("pre", { class: "live", tabindex: "0", "aria-label": "Output so far" });
	private readonly started = performance.now();
	private shown = 0;
	private lastCase = -1;
	private readonly timer: number;

	constructor(private readonly cases: number) {
		for (let i = 0; i < Math.min(cases, 200); i++) this.strip.append(h("span", { class: "case-number" }, i + 1));
		this.output.hidden = true;
		this.element = h("div", { class: "running" },
			h("div", { class: "banner run" }, h("span", { class: "mark spin" }), h("div", {}, this.state, this.clock)),
			cases > 0 && this.strip, this.output);
		this.timer = window.setInterval(() => this.tick(), 100);
	}

	private tick(): void {
		this.clock.textContent = `${((performance.now() - this.started) / 1000).toFixed(1)} s`;
	}

	event(e: Event): void {
		if (e.kind === "queued") this.state.textContent = e.position > 0 ? `Waiting: ${e.position} before it` : "Waiting: it is next";
		else if (e.kind === "compiling") this.state.textContent = "Compiling …";
		else if (e.kind === "running") this.state.textContent = "Running …";
		else if (e.kind === "case") {
			const mark = this.strip.children[e.index] as HTMLElement | undefined;
			if (mark) mark.dataset["state"] = e.passed ? "good" : e.verdict === "skipped" ? "dim" : "bad";
		} else if (e.kind === "output") this.print(e);
	}

	private print(e: Event & { kind: "output" }): void {
		if (this.shown > SHOWN_MAX) return;
		this.output.hidden = false;
		if (this.cases > 1 && e.case !== this.lastCase) this.output.append(h("span", { class: "from" }, `case ${e.case + 1}\n`));
		this.lastCase = e.case;
		const text = e.data.slice(0, SHOWN_MAX - this.shown);
		this.shown += e.data.length;
		this.output.append(e.stream === "stderr" ? h("span", { class: "stderr" }, text) : text);
		if (this.shown > SHOWN_MAX) this.output.append(h("span", { class: "from" }, "\n… more in the result"));
		this.output.scrollTop = this.output.scrollHeight;
	}

	stop(): number {
		clearInterval(this.timer);
		return performance.now() - this.started;
	}
}

export function emptyView(): HTMLElement {
	const mac = /Mac|iP(hone|ad)/.test(navigator.platform);
	const key = (...names: string[]) => h("span", { class: "keys" }, ...names.map((n) => h("kbd", {}, n)));
	const rows: [HTMLElement, string][] = [
		[key(mac ? "⌘" : "Ctrl", "Enter"), "run"],
		[key("Esc"), "cancel"],
		[key("Alt", "N"), "add a case"],
		[key("Ctrl", "M"), "in the editor: Tab leaves it, or indents again"],
	];
	return h("div", { class: "empty" }, h("h2", {}, "Nothing has run yet"),
		h("p", {}, "The program runs in a box of its own: no network, no files of this host, limits on everything. The verdict is what the kernel saw."),
		h("dl", {}, ...rows.flatMap(([k, word]) => [h("dt", {}, k), h("dd", {}, word)])));
}

export function replace(el: HTMLElement, parts: (HTMLElement | null)[]): void {
	fill(el, ...parts);
}
