// SPDX-License-Identifier: Apache-2.0
// The right side: what happens while it happens, then the verdict, its evidence, and each case.
import type { CaseResult, Event, GroupResult, Request, Result, Usage } from "./api.ts";
import { askedBy, badge, caseItem, facts, filesView, outputBlock } from "./case_view.ts";
import { fill, h, icon } from "./dom.ts";
import { counted, inked, kb, ms, points, stateOf, verdictOf } from "./text.ts";

const SHOWN_MAX = 65536; // characters of output while it runs
const OPEN_MAX = 3; // failed cases that open by themselves

export interface LimitsShown {
	cpu_ms: number;
	wall_ms: number;
	memory_kb: number;
}

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

// Each case has the limits to itself: of many the most that any of them took is held against them.
function most(r: Result): Usage {
	if (r.test_results.length < 2) return r.usage;
	const of = (get: (u: Usage) => number) => Math.max(...r.test_results.map((c) => (c.usage ? get(c.usage) : 0)));
	return { cpu_ms: of((u) => u.cpu_ms), wall_ms: of((u) => u.wall_ms), memory_kb: of((u) => u.memory_kb) };
}

function meters(usage: Usage, limits: LimitsShown): HTMLElement {
	return h("div", { class: "meters" },
		meter("Cpu", usage.cpu_ms, limits.cpu_ms, ms),
		meter("Wall", usage.wall_ms, limits.wall_ms, ms),
		meter("Memory", usage.memory_kb, limits.memory_kb, kb));
}

function summary(r: Result): string {
	const ran = r.test_results.length;
	const sentence = inked(r.error.split("\n")[0]!);
	if (!ran) return r.verdict === "accepted" ? "The program ran to its end." : sentence;
	const passed = r.test_results.filter((c) => c.passed).length;
	const score = r.score ? ` Score: ${points(r.score.points)} of ${points(r.score.max)}.` : "";
	return `${passed} of ${counted(ran, "case")} passed.${score}${sentence ? ` ${sentence}` : ""}`;
}

function groupRow(g: GroupResult): HTMLElement {
	const share = g.max > 0 ? Math.min(1, g.points / g.max) : Number(g.verdict === "accepted");
	const text = `${points(g.points)} of ${points(g.max)}`;
	const bar = h("progress", { max: 1, value: share, "aria-label": `Group ${g.name}: ${text} points`,
		class: share >= 1 ? "full" : g.verdict === "skipped" ? "" : "part" });
	bar.value = share;
	return h("li", {}, h("b", { class: "name" }, inked(g.name)), badge(g.verdict), bar,
		h("span", { class: "value" }, h("b", {}, points(g.points)), ` of ${points(g.max)}`));
}

function groupsView(groups: GroupResult[]): HTMLElement | null {
	return groups.length ? h("ul", { class: "groups", "aria-label": "Groups" }, ...groups.map(groupRow)) : null;
}

export function banner(verdict: string | null, text: string): HTMLElement {
	const [name, tone, mark] = verdictOf(verdict);
	return h("div", { class: `banner ${tone}`, "data-verdict": verdict ?? "refused" },
		h("span", { class: "mark" }, icon(mark)), h("div", {}, h("h2", {}, name), h("p", {}, text)));
}

// What a compiler said: in full where it is why nothing ran, else what it warned of.
function compilers(r: Result): (HTMLElement | null)[] {
	const failed = r.verdict === "compile_error";
	const judges = [["checker", r.checker], ["interactor", r.interactor]] as const;
	return [
		failed && r.compile ? outputBlock("Compiler", r.compile.output || r.error, false, "err") : null,
		...judges.map(([who, c]) => c && c.exit_code !== 0 && r.verdict === "internal_error"
			? outputBlock(`The ${who}'s compiler`, c.output, false, "err") : null),
	];
}

export function resultParts(r: Result, limits: LimitsShown, request: Request): (HTMLElement | null)[] {
	let opened = 0;
	const tests = r.test_results;
	const asked = askedBy(request);
	const nothing = r.verdict === "compile_error" || (tests.length > 0 && tests.every((c) => c.verdict === "skipped"));
	const open = (c: CaseResult) => !c.passed && c.verdict !== "skipped" && opened++ < OPEN_MAX;
	return [
		banner(r.verdict, summary(r)),
		...compilers(r),
		nothing ? null : meters(most(r), { ...limits, ...r.limits }),
		tests.length > 1 && !nothing ? h("p", { class: "hint" }, `The most that one case took; all together ${ms(r.usage.cpu_ms)} of cpu.`) : null,
		groupsView(r.groups ?? []),
		tests.length ? h("div", { class: "cases" }, ...tests.map((c, i) => caseItem(i, c, asked, open(c)))) : null,
		tests.length ? null : outputBlock("Output", r.output, r.truncated?.output ?? false),
		tests.length ? null : outputBlock("Stderr", r.stderr, r.truncated?.stderr ?? false, "err"),
		...(tests.length ? [] : filesView(r)),
		r.compile && r.verdict !== "compile_error" ? outputBlock("Compiler", r.compile.output, false) : null,
		h("div", { class: "facts" }, ...(tests.length ? [] : facts(r)),
			r.compile?.cached ? h("span", { class: "fact" }, "compiled ", h("b", {}, "before")) : null,
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
			if (mark) mark.dataset["state"] = stateOf(e.passed, e.verdict);
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
