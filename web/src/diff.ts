// SPDX-License-Identifier: Apache-2.0
// What differs between two texts, line by line, and within lines that stand for each other.

export interface Row {
	kind: "same" | "changed" | "missing" | "extra";
	left?: number; // index of the expected line
	right?: number; // index of the actual line
}

const LINES_MAX = 600; // above that, line n stands for line n

export function lines(text: string): string[] {
	const all = text.split("\n");
	if (all.at(-1) === "") all.pop();
	return all;
}

export function compare(expected: string[], actual: string[]): Row[] {
	let head = 0;
	const same = (i: number, j: number) => expected[i] === actual[j];
	while (head < expected.length && head < actual.length && same(head, head)) head++;
	let tail = 0;
	while (
		tail < expected.length - head &&
		tail < actual.length - head &&
		same(expected.length - 1 - tail, actual.length - 1 - tail)
	)
		tail++;
	const left = expected.slice(head, expected.length - tail);
	const right = actual.slice(head, actual.length - tail);
	const rows: Row[] = [];
	for (let i = 0; i < head; i++) rows.push({ kind: "same", left: i, right: i });
	const middle = left.length > LINES_MAX || right.length > LINES_MAX ? inStep(left, right) : longest(left, right);
	for (const row of middle) {
		if (row.left !== undefined) row.left += head;
		if (row.right !== undefined) row.right += head;
		rows.push(row);
	}
	for (let i = tail; i > 0; i--)
		rows.push({ kind: "same", left: expected.length - i, right: actual.length - i });
	return rows;
}

function inStep(left: string[], right: string[]): Row[] {
	return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
		if (i >= left.length) return { kind: "extra", right: i };
		if (i >= right.length) return { kind: "missing", left: i };
		return { kind: left[i] === right[i] ? "same" : "changed", left: i, right: i };
	});
}

// The longest common subsequence, by the table.
function longest(left: string[], right: string[]): Row[] {
	const width = right.length + 1;
	const table = new Uint16Array((left.length + 1) * width);
	for (let i = left.length - 1; i >= 0; i--)
		for (let j = right.length - 1; j >= 0; j--)
			table[i * width + j] =
				left[i] === right[j]
					? table[(i + 1) * width + j + 1]! + 1
					: Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
	const rows: Row[] = [];
	let from = [0, 0] as [number, number];
	const gap = (toLeft: number, toRight: number) => {
		rows.push(...between(from[0], toLeft, from[1], toRight));
		from = [toLeft + 1, toRight + 1];
	};
	let [i, j] = [0, 0];
	while (i < left.length && j < right.length) {
		if (left[i] === right[j]) {
			gap(i, j);
			rows.push({ kind: "same", left: i++, right: j++ });
		} else if (table[(i + 1) * width + j]! >= table[i * width + j + 1]!) i++;
		else j++;
	}
	gap(left.length, right.length);
	return rows;
}

// Lines between two equal ones: as many as there are on both sides stand for each other.
function between(left: number, leftEnd: number, right: number, rightEnd: number): Row[] {
	const rows: Row[] = [];
	while (left < leftEnd && right < rightEnd) rows.push({ kind: "changed", left: left++, right: right++ });
	while (left < leftEnd) rows.push({ kind: "missing", left: left++ });
	while (right < rightEnd) rows.push({ kind: "extra", right: right++ });
	return rows;
}

// The differing middle of two lines: what stands before and after it is the same.
export function middle(a: string, b: string): [number, number, number] {
	const [x, y] = [Array.from(a), Array.from(b)];
	let head = 0;
	while (head < x.length && head < y.length && x[head] === y[head]) head++;
	let tail = 0;
	while (tail < x.length - head && tail < y.length - head && x.at(-1 - tail) === y.at(-1 - tail)) tail++;
	return [head, x.length - tail, y.length - tail];
}
