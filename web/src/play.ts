// SPDX-License-Identifier: Apache-2.0
// The playground: program and input on the left, what came of it on the right.
import { execute, Failure, type Language, languages, type Request, type Result, setToken } from "./api.ts";
import { announce, copyButton, fill, h, icon } from "./dom.ts";
import { EXAMPLES, fresh, fromFragment, restore, save, toCurl, toFragment, toRequest } from "./draft.ts";
import { Editor } from "./editor.ts";
import { inputView } from "./input_view.ts";
import { banner, emptyView, type LimitsShown, LiveView, replace, resultParts } from "./result_view.ts";
import { stateOf, verdictOf } from "./text.ts";

const BUILT_IN = { cpu_ms: 30000, wall_ms: 60000, memory_kb: 524288 };

export class Playground {
	readonly element: HTMLElement;
	private draft = restore();
	private known: Language[] = [];
	private running: AbortController | null = null;
	private result: Result | null = null;
	private pane: "result" | "request" | "json" = "result";
	private resultNodes: (HTMLElement | null)[] = [emptyView()];

	private readonly picker = h("select", { "aria-label": "Language", name: "language" });
	private readonly runButton = h("button", { class: "run", type: "button" });
	private readonly body = h("div", { class: "pane", id: "result-pane", role: "tabpanel" });
	private readonly tabs = h("div", { class: "tabs", role: "tablist" });
	private readonly input = inputView(() => this.limits(), () => this.changed());
	private readonly editor = new Editor(this.draft.code, this.draft.language, () => this.changed());

	constructor() {
		this.picker.addEventListener("change", () => this.choose(this.picker.value));
		this.runButton.addEventListener("click", () => (this.running ? this.cancel() : void this.run()));
		const reset = h("button", { class: "quiet", type: "button", onclick: () => this.reset() }, "Example");
		reset.title = "Replace program and cases by the example of this language";
		this.element = h("main", { class: "play" },
			h("div", { class: "work" },
				h("section", { class: "card program", "aria-label": "Program" },
					h("div", { class: "bar" }, this.picker, reset, h("span", { class: "spring" }), this.runButton),
					this.editor.element),
				this.input.element),
			h("section", { class: "card result", "aria-label": "Result" }, this.tabs, this.body));
		for (const [name, word] of [["result", "Result"], ["request", "Request"], ["json", "JSON"]] as const)
			this.tabs.append(h("button", {
				type: "button", role: "tab", "data-tab": name, "aria-controls": "result-pane",
				onclick: () => this.show(name),
			}, word));
		document.addEventListener("keydown", (e) => this.key(e));
		window.addEventListener("hashchange", () => void this.loadFragment());
		this.load();
		this.show("result");
		this.showRun();
		void this.loadFragment();
	}

	// Again when the server is there (again).
	async connect(): Promise<void> {
		this.known = await languages();
		this.showLanguages();
		this.input.load(this.draft);
	}

	private limits(): LimitsShown {
		const own = this.known.find((l) => l.name === this.draft.language)?.limits ?? {};
		const out = { ...BUILT_IN };
		for (const name of Object.keys(BUILT_IN) as (keyof typeof BUILT_IN)[])
			out[name] = own[name] ?? out[name];
		return out;
	}

	private showLanguages(): void {
		const here = this.draft.language;
		const names = this.known.map((l) => [l.name, l.title] as const);
		if (!names.some(([name]) => name === here)) names.unshift([here, here]);
		fill(this.picker, ...names.map(([name, title]) => h("option", { value: name }, title)));
		this.picker.value = here;
	}

	private load(): void {
		this.editor.text = this.draft.code;
		this.editor.setLanguage(this.draft.language);
		this.input.load(this.draft);
		this.showLanguages();
	}

	private async loadFragment(): Promise<void> {
		if (!/^#[rj]=/.test(location.hash)) return;
		try {
			const shared = await fromFragment(location.hash);
			if (!shared) throw new Error("the link is damaged");
			this.draft = shared;
			this.load();
			announce("Loaded what was shared. It has not been run.");
		} catch (e) {
			this.resultNodes = [banner(null, `This link cannot be read: ${e instanceof Error ? e.message : e}.`)];
			this.show("result");
		}
	}

	private changed(): void {
		this.draft.code = this.editor?.text ?? this.draft.code;
		save(this.draft);
		if (this.pane === "request") this.showPane();
	}

	// A program that is another language's untouched example becomes this one's.
	private choose(language: string): void {
		const untouched = this.draft.code.trim() === "" || Object.values(EXAMPLES).some((e) => e.code === this.draft.code);
		this.draft.language = language;
		if (untouched && EXAMPLES[language]) this.editor.text = EXAMPLES[language].code;
		this.editor.setLanguage(language);
		this.input.load(this.draft);
		this.changed();
	}

	private reset(): void {
		this.draft = fresh(this.draft.language);
		this.load();
		this.changed();
	}

	private key(e: KeyboardEvent): void {
		if (!this.element.isConnected) return;
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
			e.preventDefault();
			if (!this.running) void this.run();
		} else if (e.key === "Escape" && this.running) this.cancel();
		else if (e.altKey && e.code === "KeyN") {
			e.preventDefault();
			this.input.addCase();
		}
	}

	private showRun(): void {
		const on = this.running !== null;
		fill(this.runButton, icon(on ? "stop" : "play"), on ? "Cancel" : "Run");
		this.runButton.classList.toggle("cancel", on);
		this.runButton.title = on ? "Esc" : "Ctrl+Enter";
	}

	private show(pane: typeof this.pane): void {
		this.pane = pane;
		for (const tab of this.tabs.children) tab.setAttribute("aria-selected", String((tab as HTMLElement).dataset["tab"] === pane));
		this.showPane();
	}

	private showPane(): void {
		if (this.pane === "result") replace(this.body, this.resultNodes);
		else if (this.pane === "request") fill(this.body, this.requestView());
		else fill(this.body, this.jsonView());
	}

	private requestView(): HTMLElement {
		const request = toRequest(this.draft);
		const text = JSON.stringify(request, null, 2);
		const link = async () => `${location.origin}/#${await toFragment(request)}`;
		const share = copyButton("Copy link", link);
		share.addEventListener("click", async () => history.replaceState(null, "", await link()));
		const curl = toCurl(request, location.origin);
		const code = (name: string, body: string) =>
			h("div", { class: "block" }, h("div", { class: "block-head" }, h("h3", {}, name), copyButton("Copy", () => body)),
				h("pre", { class: "wrap", tabindex: "0", "aria-label": name }, body));
		return h("div", {},
			h("div", { class: "share" }, h("p", {}, "A link that holds this request. It loads, and does not run by itself."), share),
			code("On a command line", curl), code("Request JSON", text));
	}

	private jsonView(): HTMLElement {
		if (!this.result) return h("p", { class: "hint" }, "The result's JSON comes with the first run.");
		const text = JSON.stringify(this.result, null, 2);
		return h("div", { class: "block" },
			h("div", { class: "block-head" }, h("h3", {}, "Result JSON"), copyButton("Copy", () => text)),
			h("pre", { class: "wrap", tabindex: "0", "aria-label": "Result JSON" }, text.slice(0, 400000)));
	}

	private cancel(): void {
		this.running?.abort();
	}

	private async run(): Promise<void> {
		const request = toRequest(this.draft);
		const limits = { ...this.limits(), ...request.limits } as LimitsShown;
		const live = new LiveView(request.test_cases?.length ?? 0);
		this.running = new AbortController();
		this.input.clearMarks();
		this.resultNodes = [live.element];
		this.show("result");
		this.showRun();
		announce("Running");
		if (matchMedia("(max-width: 900px)").matches) this.body.scrollIntoView({ block: "nearest" });
		try {
			for await (const event of execute(request, this.running.signal)) {
				live.event(event);
				if (event.kind === "case") this.mark(event.index, event.passed, event.verdict);
				if (event.kind !== "result") continue;
				const { kind: _, ...result } = event;
				this.done(result, limits, request);
			}
		} catch (e) {
			this.failed(e, this.running.signal.aborted);
		} finally {
			live.stop();
			this.running = null;
			this.showRun();
		}
	}

	private mark(index: number, passed: boolean, verdict: string | null): void {
		this.input.mark(index, stateOf(passed, verdict));
	}

	private done(result: Result, limits: LimitsShown, request: Request): void {
		this.result = result;
		result.test_results.forEach((c, i) => this.mark(i, c.passed, c.verdict));
		this.resultNodes = resultParts(result, limits, request);
		announce(verdictOf(result.verdict)[0]);
		this.showPane();
	}

	private failed(e: unknown, cancelled: boolean): void {
		if (cancelled) {
			this.resultNodes = [h("div", { class: "banner dim", "data-verdict": "cancelled" }, h("span", { class: "mark" }, icon("stop")),
				h("div", {}, h("h2", {}, "Cancelled"), h("p", {}, "The box was killed; there is no verdict.")))];
			announce("Cancelled");
		} else {
			const f = e instanceof Failure ? e : new Failure(e instanceof Error ? e.message : String(e), 0);
			this.resultNodes = [this.failureView(f)];
			announce(f.message);
		}
		this.show("result");
	}

	private failureView(f: Failure): HTMLElement {
		const titles: Record<number, string> = {
			0: "No answer", 401: "A token is needed", 403: "Not allowed from here", 413: "Too large", 429: "The queue is full",
			503: "Not now",
		};
		const again = h("button", { type: "button", onclick: () => void this.run() }, "Try again");
		return h("div", {},
			h("div", { class: "banner bad", "data-verdict": "failure" }, h("span", { class: "mark" }, icon("warn")),
				h("div", {}, h("h2", {}, titles[f.status] ?? (f.field ? "The request was refused" : `Refused (${f.status})`)),
					h("p", {}, f.message), f.retryAfter ? h("p", {}, `Try again in ${f.retryAfter} s.`) : null)),
			f.status === 401 ? this.tokenForm() : h("div", { class: "again" }, again));
	}

	private tokenForm(): HTMLElement {
		const field = h("input", { type: "password", autocomplete: "off", placeholder: "kw_…", "aria-label": "Token" });
		const form = h("form", { class: "token" }, field, h("button", { type: "submit" }, "Use it"),
			h("p", { class: "hint" }, "Kept for this browser tab, and sent to this server alone."));
		form.addEventListener("submit", (e) => {
			e.preventDefault();
			setToken(field.value);
			void this.connect().catch(() => undefined);
			void this.run();
		});
		return form;
	}
}
