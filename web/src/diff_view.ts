// SPDX-License-Identifier: Apache-2.0
// Two columns, expected and actual, with the difference marked; what has no ink is made visible, in it also blanks.
import { compare, lines, middle, type Row } from "./diff.ts";
import { h } from "./dom.ts";
import { counted, inked, inkedBlanks } from "./text.ts";

const CONTEXT = 3; // equal lines kept around a difference
const ROWS_MAX = 300;
const LINE_MAX = 2000; // characters of a line
const BEFORE_MAX = 400; // of those before the difference

function marked(text: string, from: number, to: number, cls: string): Node[] {
	const all = Array.from(text);
	const start = Math.max(0, from - BEFORE_MAX);
	const end = Math.min(all.length, start + LINE_MAX);
	const part = (a: number, b: number) => all.slice(a, Math.min(b, end)).join("");
	return [
		document.createTextNode((start ? "… " : "") + inked(part(start, from))),
		h("mark", { class: cls }, inkedBlanks(part(from, to))),
		document.createTextNode(inked(part(to, all.length)) + (end < all.length ? " …" : "")),
	];
}

function cell(side: "left" | "right", number: number | undefined, content: Node[] | null): HTMLElement[] {
	const gone = content ? "" : " gone";
	return [
		h("span", { class: `number ${side}${gone}` }, number === undefined ? "" : number + 1),
		h("code", { class: `${side}${gone}` }, ...(content ?? [])),
	];
}

function plain(text: string): Node[] {
	return [document.createTextNode(inked(text.length > LINE_MAX ? `${text.slice(0, LINE_MAX)} …` : text))];
}

function rowOf(row: Row, expected: string[], actual: string[]): HTMLElement {
	const left = row.left === undefined ? undefined : expected[row.left]!;
	const right = row.right === undefined ? undefined : actual[row.right]!;
	let [a, b] = [left === undefined ? null : plain(left), right === undefined ? null : plain(right)];
	if (row.kind === "changed") {
		const [from, leftEnd, rightEnd] = middle(left!, right!);
		a = marked(left!, from, leftEnd, "want");
		b = marked(right!, from, rightEnd, "got");
	}
	return h("div", { class: `row ${row.kind}` }, ...cell("left", row.left, a), ...cell("right", row.right, b));
}

export function diffView(expectedText: string, actualText: string): HTMLElement {
	const [expected, actual] = [lines(expectedText), lines(actualText)];
	const rows = compare(expected, actual);
	const near = new Set<number>();
	rows.forEach((row, i) => {
		if (row.kind !== "same") for (let k = i - CONTEXT; k <= i + CONTEXT; k++) near.add(k);
	});
	const box = h("div", { class: "diff", role: "group", "aria-label": "Expected beside actual output" });
	box.append(h("div", { class: "heads" }, h("span", {}, "Expected"), h("span", {}, "Actual")));
	let shown = 0;
	let hidden = 0;
	const gap = () => {
		if (hidden) box.append(h("div", { class: "gap" }, counted(hidden, "equal line")));
		hidden = 0;
	};
	for (let i = 0; i < rows.length; i++) {
		// Without any difference in lines (trailing newlines, say) there is still something to see.
		if (near.size && !near.has(i)) {
			hidden++;
			continue;
		}
		if (shown++ === ROWS_MAX) {
			box.append(h("div", { class: "gap" }, `… and ${rows.length - i} more lines`));
			return box;
		}
		gap();
		box.append(rowOf(rows[i]!, expected, actual));
	}
	gap();
	if (!actualText.length) box.append(h("div", { class: "gap" }, "The program printed nothing."));
	else if (!near.size && expectedText !== actualText)
		box.append(h("div", { class: "gap" }, "The lines are equal: what differs is the newline at the end."));
	return box;
}
