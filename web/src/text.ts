// SPDX-License-Identifier: Apache-2.0
// Words for what a result holds, and characters without ink made visible.

// verdict: what to call it, its colour, its icon
const VERDICTS: Record<string, [string, string, string]> = {
	accepted: ["Accepted", "good", "check"],
	partial: ["Partly right", "warn", "half"],
	wrong_answer: ["Wrong answer", "bad", "cross"],
	presentation_error: ["Presentation error", "bad", "cross"],
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
	if (verdict === null) return ["Refused", "dim", "warn"];
	return VERDICTS[verdict] ?? [inWords(verdict), "dim", "warn"];
}

// A name of the wire that this page does not know (yet): "some_verdict" is "Some verdict".
function inWords(name: string): string {
	const words = name.replaceAll("_", " ").trim();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

// The colour of a case's number.
export function stateOf(passed: boolean, verdict: string | null): string {
	if (passed) return "good";
	return verdict === "skipped" ? "dim" : verdict === "partial" ? "warn" : "bad";
}

export const ms = (n: number) => (n < 1000 ? `${n} ms` : `${(n / 1000).toFixed(n < 10000 ? 2 : 1)} s`);
export const kb = (n: number) => (n < 1024 ? `${n} KB` : `${(n / 1024).toFixed(n < 102400 ? 1 : 0)} MB`);
export const points = (n: number) => String(Number(n.toPrecision(12)));
export const counted = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;

// No ink, or they move what stands beside them; as src/codec/excerpt.c has them, but for line breaks and blanks.
const INKLESS =
	/[\0-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{10ffff}]/gu;

// Control characters have pictures of their own; everything else has a number.
function picture(c: string): string {
	const code = c.codePointAt(0)!;
	if (code < 0x20) return String.fromCharCode(0x2400 + code);
	return code === 0x7f ? "\u2421" : `\\u{${code.toString(16)}}`;
}

export function inked(text: string): string {
	return text.replace(INKLESS, picture);
}

// For what differs: blanks as well.
export function inkedBlanks(text: string): string {
	return inked(text.replaceAll("·", "\\u{b7}")).replaceAll(" ", "·").replaceAll("\t", "⇥");
}

// A JSON value on lines of its own where it is long; the text as it came where it is none.
export function pretty(json: string): string {
	if (json.length < 60 || json.length > 200000) return json;
	try {
		return JSON.stringify(JSON.parse(json), null, 2);
	} catch {
		return json;
	}
}
