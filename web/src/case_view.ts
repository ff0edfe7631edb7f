// SPDX-License-Identifier: Apache-2.0
// One test case of a result: a line that is always there, and what opens below it.
import type { CaseResult, Difference, Outcome, Request, Run } from "./api.ts";
import { diffView } from "./diff_view.ts";
import { copyButton, h, icon } from "./dom.ts";
import { inked, kb, ms, points, pretty, stateOf, verdictOf } from "./text.ts";

const SHOWN_MAX = 65536; // characters of one output; the rest is in the result's JSON

// What of the request decides how its answers are shown.
export interface Asked {
	kind: "output" | "function" | "checker" | "interactor";
	modes: string[]; // of comparison, of each case
	worth: (number | undefined)[]; // points of each case
	files: Record<string, string>[]; // that are expected of each case
}

const modeOf = (compare: unknown): string | undefined =>
	typeof compare === "string" ? compare : (compare as { mode?: string } | undefined)?.mode;

export function askedBy(request: Request): Asked {
	const cases = Array.isArray(request.test_cases) ? request.test_cases : [];
	return {
		kind: request["interactor"] ? "interactor" : request["checker"] ? "checker" : request["function"] ? "function" : "output",
		modes: cases.map((c) => modeOf(c["compare"]) ?? modeOf(request.compare) ?? "trim"),
		worth: cases.map((c) => (typeof c["points"] === "number" ? c["points"] : 1)),
		files: cases.map((c) => (c["expected_files"] ?? {}) as Record<string, string>),
	};
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

export function facts(o: Outcome): HTMLElement[] {
	const list: [string, string][] = [];
	if (o.exit_code !== null) list.push(["exit code", String(o.exit_code)]);
	if (o.signal) list.push(["signal", o.signal]);
	if (o.runner) list.push(["started", o.runner]);
	if (o.encoding_replaced) list.push(["not UTF-8", "shown as \ufffd"]);
	if (o.noise?.throttled_ms) list.push(["held back by its bound on cpu", ms(o.noise.throttled_ms)]);
	if (o.noise?.waited_ms) list.push(["waited for a cpu", ms(o.noise.waited_ms)]);
	for (const name of o.limits_hit ?? []) list.push(["limit touched", name]);
	for (const { name, count } of o.denied_syscalls ?? []) list.push(["denied", count > 1 ? `${name} × ${count}` : name]);
	return list.map(([name, value]) => h("span", { class: "fact" }, `${name} `, h("b", {}, value)));
}

export function badge(verdict: string | null): HTMLElement {
	const [name, tone, mark] = verdictOf(verdict);
	return h("span", { class: `badge ${tone}` }, icon(mark), name);
}

// Where it first goes wrong. Of lines in any order it is the first without a partner, on either side.
function differenceView(d: Difference, anyOrder: boolean): HTMLElement {
	const side = (word: string, cls: string, text: string | null, none: string) =>
		h("div", { class: cls }, h("dt", {}, word), h("dd", {}, text === null ? h("i", {}, none) : h("code", {}, text)));
	const title = anyOrder ? "First line without a partner" : "First difference";
	const file = d.file === undefined ? "" : ` in ${inked(d.file)}`;
	const place = file + (d.actual === null && anyOrder ? "" : `: line ${d.line}, column ${d.column}`);
	return h("div", { class: "first" }, h("h3", {}, title + place),
		h("dl", {}, side("Expected", "want", d.expected, "nothing more"), side("Got", "got", d.actual, "nothing more")));
}

function commentView(c: CaseResult): HTMLElement | null {
	const said = c.comment?.trim();
	const judge = c.checker ?? c.interactor;
	if (!judge) return said ? h("p", { class: "sentence" }, inked(said)) : null;
	const how = judge.signal ?? (judge.exit_code === null ? "no exit code" : `exit code ${judge.exit_code}`);
	return h("div", { class: "said" },
		h("h3", {}, c.checker ? "The checker says" : "The interactor says"),
		h("p", {}, said ? inked(said) : h("i", {}, "nothing")),
		h("span", { class: "hint" }, `${how}, ${ms(judge.usage.cpu_ms)}`));
}

// Who said what, in its order.
function transcriptView(text: string): HTMLElement {
	const lines = text.replace(/\n$/, "").split("\n");
	const who: Record<string, [string, string]> = { ">": ["program", "Program: "], "<": ["interactor", "Interactor: "] };
	return h("div", { class: "block" },
		h("div", { class: "block-head" }, h("h3", {}, "Dialogue"), copyButton("Copy", () => text)),
		h("ol", { class: "talk", tabindex: "0", "aria-label": "Dialogue" }, ...lines.slice(0, 2000).map((line) => {
			const [cls, name] = who[line.charAt(0)] ?? ["cut", ""];
			return h("li", { class: cls }, h("span", { class: "offscreen" }, name), inked(name ? line.slice(1) : line));
		})));
}

const UNORDERED = ["unordered", "sorted_lines"];

// Expected and actual, in the way that fits how they were compared.
function answerView(c: CaseResult, asked: Asked, mode: string): (HTMLElement | null)[] {
	const cut = c.truncated?.output ?? false;
	const wrong = c.verdict === "wrong_answer";
	if (asked.kind === "function")
		return [
			c.passed ? null : outputBlock("Value that was expected", pretty(c.expected), false),
			outputBlock("Value that was returned", pretty(c.actual), cut, wrong ? "err" : ""),
		];
	if (asked.kind === "interactor")
		return c.interactor?.transcript ? [transcriptView(c.interactor.transcript)] : [outputBlock("Output", c.actual, cut)];
	if (asked.kind === "checker")
		return [outputBlock("Output", c.actual, cut), outputBlock("Answer, as the checker gets it", c.expected, false)];
	if (wrong && mode === "regex")
		return [outputBlock("Pattern that the output has to match", c.expected, false), outputBlock("Output", c.actual, cut, "err")];
	if (wrong && UNORDERED.includes(mode))
		return [outputBlock("Expected, in any order", c.expected, false), outputBlock("Output", c.actual, cut, "err")];
	// Beside files that are expected stdout may be right, or is not looked at.
	const ofFiles = c.difference?.file !== undefined || (c.files && c.expected === "");
	return wrong && !ofFiles ? [diffView(c.expected, c.actual)] : [outputBlock("Output", c.actual, cut)];
}

const MISSING: Record<string, string> = {
	missing: "it is not there",
	not_plain: "it is no plain file, or there is a link on the way to it",
	too_large: "it is too large: all files of a run together may have output_bytes",
	unreadable: "its own mode lets nobody read it",
	not_taken: "the program did not get to its end",
};

// What the program left in its working directory.
export function filesView(o: Outcome, expected: Record<string, string> = {}): (HTMLElement | null)[] {
	const lost = Object.entries(o.files_missing ?? {});
	return [
		...Object.entries(o.files ?? {}).map(([path, content]) => {
			const title = `File ${inked(path)}`;
			const want = expected[path];
			if (want === undefined || want.trimEnd() === content.trimEnd())
				return outputBlock(title, content, false) ?? h("p", { class: "hint" }, `${title} is empty.`);
			return h("div", {}, h("h3", {}, title), diffView(want, content));
		}),
		lost.length
			? h("ul", { class: "missing" }, ...lost.map(([path, why]) =>
					h("li", {}, h("b", {}, inked(path)), ` was not taken: ${MISSING[why] ?? why.replaceAll("_", " ")}.`)))
			: null,
	];
}

// Time is never quite the same: a case that it ended may have been run again.
function runsView(runs: Run[]): HTMLElement | null {
	if (runs.length < 2) return null;
	return h("div", { class: "runs" }, h("h3", {}, `Run ${runs.length} times; the best counts`),
		h("ol", {}, ...runs.map((r) => h("li", r.counted ? { class: "counted" } : {},
			r.verdict === null ? "ended well" : verdictOf(r.verdict)[0], `, ${ms(r.usage.cpu_ms)} of cpu, ${ms(r.usage.wall_ms)} in all`,
			r.counted && h("b", {}, " counts")))));
}

function caseBody(c: CaseResult, asked: Asked, mode: string, files: Record<string, string>): HTMLElement {
	const ran = c.verdict !== "skipped";
	const called = asked.kind === "function";
	return h("div", { class: "case-body" },
		c.error && h("p", { class: "sentence" }, inked(c.error.split("\n")[0]!)),
		ran && commentView(c),
		c.difference && differenceView(c.difference, UNORDERED.includes(mode)),
		...(ran ? answerView(c, asked, mode) : []),
		...filesView(c, files),
		runsView(c.runs ?? []),
		outputBlock(called ? "Arguments" : "Input", called ? pretty(c.input) : c.input, false),
		outputBlock(called ? "Printed, and stderr" : "Stderr", c.stderr ?? "", c.truncated?.stderr ?? false, called ? "" : "err"),
		h("div", { class: "facts" }, ...facts(c)));
}

export function caseItem(i: number, c: CaseResult, asked: Asked, open: boolean): HTMLElement {
	const worth = asked.worth[i];
	const scored = typeof c.points === "number";
	const item = h("details", { class: `case ${verdictOf(c.verdict)[1]}`, "data-case": i },
		h("summary", {},
			h("span", { class: "case-number", "data-state": stateOf(c.passed, c.verdict) }, i + 1),
			badge(c.verdict),
			c.group && h("span", { class: "chip", title: "group" }, inked(c.group)),
			(c.runs?.length ?? 0) > 1 && h("span", { class: "chip", title: "it was run again" }, `${c.runs!.length} runs`),
			h("span", { class: "spring" }),
			scored && h("span", { class: "points" }, h("b", {}, points(c.points!)), worth === undefined ? "" : ` of ${points(worth)}`),
			c.usage && c.verdict !== "skipped" &&
				h("span", { class: "cost" }, `${ms(c.usage.cpu_ms)} · ${kb(c.usage.memory_kb)}`)));
	// A thousand cases need not be a thousand diffs before somebody looks.
	const make = () => item.childElementCount === 1 && item.append(caseBody(c, asked, asked.modes[i] ?? "trim", asked.files[i] ?? {}));
	item.addEventListener("toggle", make, { once: true });
	if (open) {
		make();
		item.open = true;
	}
	return item;
}
