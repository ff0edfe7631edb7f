// SPDX-License-Identifier: Apache-2.0
// Small live charts: a few lines over one window of time. Sizes and colours are the style sheet's.
import { fill, h, svg } from "./dom.ts";

const WIDTH = 300;
const HEIGHT = 90;

export interface Series {
	name: string;
	tone: number; // --tone-1 … --tone-4
	values: number[]; // NaN: nothing was measured
}

// 1, 2 or 5 times a power of ten, at least `value`.
function ceiling(value: number): number {
	if (!(value > 0)) return 1;
	const power = 10 ** Math.floor(Math.log10(value));
	return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

// Where nothing was measured the line is broken.
function path(values: number[], slots: number, max: number): string {
	let d = "";
	let pen = false;
	values.forEach((value, i) => {
		if (Number.isNaN(value)) {
			pen = false;
			return;
		}
		const x = ((slots - values.length + i) / (slots - 1)) * WIDTH;
		const y = HEIGHT - (value / max) * (HEIGHT - 4) - 1;
		d += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
		// A lone point is still a point.
		if (!pen && Number.isNaN(values[i + 1] ?? NaN)) d += "h.1";
		pen = true;
	});
	return d;
}

export class LineChart {
	readonly element: HTMLElement;
	private readonly plot = h("div", { class: "plot" });
	private readonly legend = h("div", { class: "legend" });

	constructor(
		private readonly title: string,
		private readonly slots: number,
		private readonly text: (value: number) => string,
	) {
		this.element = h("section", { class: "card chart", "aria-label": title },
			h("div", { class: "chart-head" }, h("h2", {}, title), this.legend), this.plot);
	}

	draw(series: Series[]): void {
		const seen = series.flatMap((s) => s.values).filter((v) => !Number.isNaN(v));
		const max = ceiling(Math.max(0, ...seen));
		const now = series.map((s) => s.values.at(-1) ?? NaN);
		fill(this.legend, ...series.map((s, i) =>
			h("span", { class: `tone-${s.tone}` }, `${s.name} `, h("b", {}, Number.isNaN(now[i]!) ? "–" : this.text(now[i]!)))));
		fill(this.plot,
			svg("svg", {
				viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
				"aria-label": `${this.title}: ${series.map((s, i) => `${s.name} ${Number.isNaN(now[i]!) ? "none" : this.text(now[i]!)}`).join(", ")}`,
			},
				...[0.25, 0.5, 0.75].map((y) => svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT * y, y2: HEIGHT * y })),
				...series.map((s) => svg("path", { class: `line tone-${s.tone}`, d: path(s.values, this.slots, max) }))),
			h("span", { class: "max" }, this.text(max)));
	}
}

// Shares of a whole, largest first.
export class BarList {
	readonly element: HTMLElement;
	private readonly rows = h("div", { class: "bars" });

	constructor(title: string, private readonly none: string, private readonly label: (key: string) => string = (key) => key) {
		this.element = h("section", { class: "card chart", "aria-label": title }, h("div", { class: "chart-head" }, h("h2", {}, title)), this.rows);
	}

	draw(values: Map<string, number>): void {
		const sorted = [...values].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
		const most = sorted[0]?.[1] ?? 1;
		if (!sorted.length) return fill(this.rows, h("p", { class: "hint" }, this.none));
		fill(this.rows, ...sorted.slice(0, 12).map(([key, n]) => {
			const bar = h("progress", { max: most, "aria-label": `${this.label(key)}: ${n}` });
			bar.value = n;
			return h("div", { class: "meter" }, h("span", { class: "name" }, this.label(key)), bar,
				h("span", { class: "value" }, h("b", {}, n.toLocaleString("en"))));
		}));
	}
}
