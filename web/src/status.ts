// SPDX-License-Identifier: Apache-2.0
// /status: the last minutes of /metrics, drawn; and which layers hold. Asks only while somebody looks.
import { capabilities, Failure, metricsText } from "./api.ts";
import { BarList, LineChart } from "./charts.ts";
import { fill, h, icon } from "./dom.ts";
import { by, type Metrics, parse, quantile, total } from "./metrics.ts";
import { verdictOf } from "./text.ts";

const EVERY_MS = 2000;
const SLOTS = 150; // five minutes
const SECONDS = "kodewar_stage_seconds";

interface Point {
	at: number;
	metrics: Metrics;
}

const count = (n: number) => (n >= 100 || Number.isInteger(n) ? Math.round(n).toLocaleString("en") : n.toFixed(1));
const time = (s: number) => (s < 0.001 ? `${Math.round(s * 1e6)} µs` : s < 1 ? `${(s * 1000).toPrecision(3)} ms` : `${s.toFixed(2)} s`);

function rate(before: Point, after: Point, name: string): number {
	const gone = (after.at - before.at) / 1000;
	const grown = total(after.metrics, name) - total(before.metrics, name);
	return grown < 0 ? NaN : grown / gone; // it was started anew
}

export class StatusPage {
	readonly element: HTMLElement;
	private readonly points: Point[] = [];
	private readonly note = h("p", { class: "note", role: "status" }, "Reading …");
	private readonly tiles = h("div", { class: "tiles" });
	private readonly layers = h("section", { class: "card layers", "aria-label": "Layers" });
	private readonly queue = new LineChart("Queue and lanes", SLOTS, count);
	private readonly rates = new LineChart("Per second", SLOTS, count);
	private readonly latency = new LineChart("Time, of the last ten seconds", SLOTS, time);
	private readonly http = new LineChart("HTTP", SLOTS, count);
	private readonly verdicts = new BarList("Verdicts since the start", "Nothing has been judged yet.", (v) => verdictOf(v)[0]);
	private readonly denied = new BarList("Denied system calls", "None was denied.");
	private timer = 0;
	private on = false;

	constructor() {
		this.element = h("main", { class: "status" }, this.note, this.tiles,
			h("div", { class: "charts" }, this.queue.element, this.rates.element, this.latency.element, this.http.element,
				this.verdicts.element, this.denied.element),
			this.layers);
	}

	active(on: boolean): void {
		if (on === this.on) return;
		this.on = on;
		clearTimeout(this.timer);
		if (!on) return;
		void this.showLayers();
		void this.poll();
	}

	private async poll(): Promise<void> {
		if (!document.hidden)
			try {
				const metrics = parse(await metricsText());
				this.points.push({ at: performance.now(), metrics });
				if (this.points.length > SLOTS + 1) this.points.shift();
				this.draw();
				this.say("");
			} catch (e) {
				const why = e instanceof Failure ? e.message : String(e);
				this.say(e instanceof Failure && e.status === 401 ? "A token is needed: run something in the playground with one first." : why);
			}
		if (this.on) this.timer = window.setTimeout(() => void this.poll(), EVERY_MS);
	}

	private say(text: string): void {
		this.note.hidden = text === "";
		this.note.textContent = text;
	}

	// One value for each pair of neighbouring points.
	private over(value: (before: Point, after: Point) => number): number[] {
		return this.points.slice(1).map((p, i) => value(this.points[i]!, p));
	}

	// What a service does not count is not drawn, rather than drawn as nothing.
	private showWhatThereIs(now: Metrics): void {
		const needs: [{ element: HTMLElement }, string][] = [
			[this.rates, "kodewar_boxes_total"], [this.verdicts, "kodewar_jobs_total"],
			[this.latency, `${SECONDS}_bucket`], [this.denied, "kodewar_denied_calls_total"],
		];
		for (const [chart, name] of needs) chart.element.hidden = !now.has(name);
	}

	private draw(): void {
		const now = this.points.at(-1)!.metrics;
		this.showWhatThereIs(now);
		const gauge = (name: string) => this.points.map((p) => total(p.metrics, name));
		const busy = this.points.map((p) => total(p.metrics, "kodewar_lanes") - total(p.metrics, "kodewar_lanes_idle"));
		this.queue.draw([
			{ name: "waiting", tone: 1, values: gauge("kodewar_jobs_waiting") },
			{ name: "running", tone: 2, values: gauge("kodewar_jobs_running") },
			{ name: "busy lanes", tone: 3, values: busy },
		]);
		this.rates.draw([
			{ name: "boxes", tone: 1, values: this.over((a, b) => rate(a, b, "kodewar_boxes_total")) },
			{ name: "submissions", tone: 2, values: this.over((a, b) => rate(a, b, "kodewar_jobs_total")) },
		]);
		// Over ten seconds each: a single pair of points has seen too little.
		const spread = (stage: string, q: number) => this.points.slice(1).map((p, i) =>
			quantile(q, this.points[Math.max(0, i - 4)]!.metrics, p.metrics, SECONDS, { stage }));
		this.latency.draw([
			{ name: "run p50", tone: 1, values: spread("run", 0.5) },
			{ name: "run p99", tone: 4, values: spread("run", 0.99) },
			{ name: "wait p99", tone: 3, values: spread("queue", 0.99) },
		]);
		this.http.draw([
			{ name: "answers/s", tone: 1, values: this.over((a, b) => rate(a, b, "kodewar_http_answers_total")) },
			{ name: "connections", tone: 2, values: gauge("kodewar_http_connections") },
			{ name: "in flight", tone: 3, values: gauge("kodewar_http_requests_in_flight") },
		]);
		this.verdicts.draw(by(now, "kodewar_jobs_total", "verdict"));
		this.denied.draw(by(now, "kodewar_denied_calls_total", "syscall"));
		this.showTiles(now);
	}

	private showTiles(m: Metrics): void {
		const tile = (name: string, value: string, tone = "") =>
			h("div", { class: `tile ${tone}` }, h("b", {}, value), h("span", {}, name));
		const refused = total(m, "kodewar_http_answers_total", { class: "4xx" });
		const failed = total(m, "kodewar_http_answers_total", { class: "5xx" });
		const resident = total(m, "process_resident_memory_bytes");
		fill(this.tiles,
			tile("waiting", count(total(m, "kodewar_jobs_waiting"))),
			tile("running", count(total(m, "kodewar_jobs_running"))),
			tile("lanes", count(total(m, "kodewar_lanes"))),
			m.has("kodewar_boxes_total") ? tile("boxes so far", count(total(m, "kodewar_boxes_total"))) : null,
			tile("answers 4xx", count(refused)),
			tile("answers 5xx", count(failed), failed ? "bad" : ""),
			resident ? tile("memory of the gate", `${(resident / 1048576).toFixed(1)} MB`) : null);
	}

	private async showLayers(): Promise<void> {
		try {
			const host = await capabilities();
			fill(this.layers,
				h("div", { class: "chart-head" }, h("h2", {}, "Layers, each attacked at the start"),
					h("span", { class: "hint" }, [host.version, host["backend"]].filter(Boolean).join(" · "))),
				h("ul", {}, ...(host.layers ?? []).map((l) =>
					h("li", { class: l.state === "ok" ? "good" : l.required ? "bad" : "warn", title: l.detail || l.state },
						icon(l.state === "ok" ? "check" : "warn"), h("b", {}, l.name),
						h("span", {}, l.state === "ok" ? l.doc : [l.state, l.detail, l.cure].filter(Boolean).join(": "))))));
		} catch {
			fill(this.layers, h("p", { class: "hint" }, "Which layers hold is not known: /v1/capabilities did not answer."));
		}
	}
}
