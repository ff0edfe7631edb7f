// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format, as far as it is needed to draw what it says.

export interface Sample {
	labels: Record<string, string>;
	value: number;
}

export type Metrics = Map<string, Sample[]>;

export function parse(text: string): Metrics {
	const all: Metrics = new Map();
	for (const line of text.split("\n")) {
		const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line);
		if (!match) continue;
		const labels: Record<string, string> = {};
		for (const [, name, value] of (match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
			labels[name!] = value!.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
		const list = all.get(match[1]!) ?? [];
		list.push({ labels, value: match[3] === "+Inf" ? Infinity : Number(match[3]) });
		all.set(match[1]!, list);
	}
	return all;
}

export function total(m: Metrics, name: string, where: Record<string, string> = {}): number {
	let sum = 0;
	for (const s of m.get(name) ?? [])
		if (Object.entries(where).every(([k, v]) => s.labels[k] === v)) sum += s.value;
	return sum;
}

export function by(m: Metrics, name: string, label: string): Map<string, number> {
	const sums = new Map<string, number>();
	for (const s of m.get(name) ?? []) {
		const key = s.labels[label] ?? "";
		sums.set(key, (sums.get(key) ?? 0) + s.value);
	}
	return sums;
}

// Of what was observed between two scrapes; NaN where nothing was.
export function quantile(q: number, before: Metrics, after: Metrics, name: string, where: Record<string, string>): number {
	const buckets = new Map<number, number>();
	for (const [m, sign] of [[before, -1], [after, 1]] as const)
		for (const s of m.get(`${name}_bucket`) ?? []) {
			if (!Object.entries(where).every(([k, v]) => s.labels[k] === v)) continue;
			const le = s.labels["le"] === "+Inf" ? Infinity : Number(s.labels["le"]);
			buckets.set(le, (buckets.get(le) ?? 0) + sign * s.value);
		}
	const steps = [...buckets].sort((a, b) => a[0] - b[0]);
	const all = steps.at(-1)?.[1] ?? 0;
	if (all <= 0) return NaN;
	let [floor, below] = [0, 0];
	for (const [le, count] of steps) {
		if (count >= q * all) return le === Infinity ? floor : floor + ((le - floor) * (q * all - below)) / (count - below || 1);
		[floor, below] = [le, count];
	}
	return floor;
}
