// SPDX-License-Identifier: Apache-2.0
// The API as this page uses it; docs: /v1/openapi.json.

export interface TestCase {
	input: string;
	expected: string;
	[name: string]: unknown; // limits, compare, points, group
}

export interface Limits {
	cpu_ms?: number;
	wall_ms?: number;
	memory_kb?: number;
	[name: string]: number | undefined;
}

export interface Request {
	code: string;
	language: string;
	test_cases?: TestCase[];
	stdin?: string;
	args?: string[];
	compare?: string | { mode: string };
	stop_on_failure?: boolean;
	fresh?: boolean;
	limits?: Limits;
	[name: string]: unknown;
}

export interface Usage {
	cpu_ms: number;
	wall_ms: number;
	memory_kb: number;
}

export interface Outcome {
	verdict: string | null;
	error: string;
	stderr: string;
	exit_code: number | null;
	signal: string | null;
	usage: Usage;
	truncated?: { output: boolean; stderr: boolean };
	denied_syscalls?: { name: string; count: number }[];
	encoding_replaced?: boolean;
	limits_hit?: string[];
	runner?: string | null;
	noise?: { throttled_ms: number | null; waited_ms: number | null } | null;
	files?: Record<string, string> | null;
	files_missing?: Record<string, string> | null;
}

// One of several runs of a case, where time had ended an earlier one.
export interface Run {
	verdict: string | null;
	usage: Usage;
	counted: boolean;
}

// Where a wrong answer first goes wrong; in both excerpts what has no ink is visible.
export interface Difference {
	line: number;
	column: number;
	expected: string | null; // null: nothing more was expected
	actual: string | null;
	file?: string; // that it is in; else it is in the answer
}

// A program of the request that judged.
export interface Judge {
	verdict: string;
	exit_code: number | null;
	signal: string | null;
	usage: Usage;
}

export interface CaseResult extends Outcome {
	input: string;
	expected: string;
	actual: string;
	passed: boolean;
	difference?: Difference | null;
	comment?: string | null;
	checker?: Judge | null;
	interactor?: (Judge & { transcript: string | null }) | null;
	points?: number | null;
	group?: string | null;
	runs?: Run[];
}

export interface Score {
	points: number;
	max: number;
}

export interface GroupResult extends Score {
	name: string;
	verdict: string;
}

export interface Compile {
	exit_code: number | null;
	output: string;
	usage: Usage;
	cached?: boolean;
}

export interface Result extends Outcome {
	status: string;
	output: string;
	test_results: CaseResult[];
	compile: Compile | null;
	checker?: Compile | null;
	interactor?: Compile | null;
	score?: Score | null;
	groups?: GroupResult[];
	limits?: Limits;
	id?: string;
}

export interface Language {
	name: string;
	title: string;
	limits?: Limits;
}

export interface Capabilities {
	version?: string;
	lanes?: number;
	layers?: { name: string; state: string; required: boolean; doc: string; detail: string; cure: string }[];
	[name: string]: unknown;
}

export type Event =
	| { kind: "queued"; position: number }
	| { kind: "compiling" | "running" }
	| ({ kind: "case"; index: number } & CaseResult)
	| { kind: "output"; case: number; stream: "stdout" | "stderr"; data: string }
	| ({ kind: "result" } & Result);

// What the server said instead of a result, or why it said nothing.
export class Failure extends Error {
	constructor(
		message: string,
		readonly status: number, // 0: no answer at all
		readonly field?: string,
		readonly retryAfter?: number,
	) {
		super(message);
	}
}

let token = "";
try {
	token = sessionStorage.getItem("kodewar.token") ?? "";
} catch {
	// no storage: the token lives as long as the page
}

export function setToken(value: string): void {
	token = value.trim();
	try {
		sessionStorage.setItem("kodewar.token", token);
	} catch {
		// as above
	}
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
	const headers = new Headers(init.headers);
	if (token) headers.set("Authorization", `Bearer ${token}`);
	let response;
	try {
		response = await fetch(path, { ...init, headers, cache: "no-store" });
	} catch (e) {
		if (init.signal?.aborted) throw e;
		throw new Failure("The server does not answer.", 0);
	}
	if (!response.ok) throw await failure(response);
	return response;
}

async function failure(response: Response): Promise<Failure> {
	let detail = `${response.status} ${response.statusText}`.trim();
	let field;
	try {
		const problem = await response.json();
		detail = problem.detail || problem.error || problem.title || detail;
		field = problem.field;
	} catch {
		// not ours: a proxy's page, say
	}
	const after = Number(response.headers.get("Retry-After")) || undefined;
	return new Failure(detail, response.status, field, after);
}

export async function languages(): Promise<Language[]> {
	const body = await (await ask("/v1/languages")).json();
	return Array.isArray(body) ? body : body.languages;
}

export async function capabilities(): Promise<Capabilities> {
	return (await ask("/v1/capabilities")).json();
}

export async function metricsText(): Promise<string> {
	return (await ask("/metrics")).text();
}

// Whether it takes submissions; the reason where it does not.
export async function ready(): Promise<string> {
	try {
		await ask("/readyz", { signal: AbortSignal.timeout?.(5000) });
		return "";
	} catch (e) {
		return e instanceof Failure ? e.message : "The server does not answer.";
	}
}

export async function* execute(request: Request, signal: AbortSignal): AsyncGenerator<Event> {
	const response = await ask("/v1/execute", {
		method: "POST",
		headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
		body: JSON.stringify(request),
		signal,
	});
	if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
		yield { kind: "result", ...(await response.json()) };
		return;
	}
	let last = "";
	try {
		for await (const { name, data } of messages(response.body!)) {
			last = name;
			yield { ...JSON.parse(data), kind: name };
		}
	} catch (e) {
		if (signal.aborted || e instanceof SyntaxError) throw e;
		throw new Failure("The connection broke before the result came.", 0);
	}
	if (last !== "result") throw new Failure("The stream ended before the result came.", 0);
}

// Server-Sent Events as the HTML standard has them, as far as a fetch can use them.
export async function* messages(
	body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ name: string; data: string }> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let text = "";
	let name = "";
	let data: string[] = [];
	for (;;) {
		const { value, done } = await reader.read();
		text += done ? decoder.decode() : decoder.decode(value, { stream: true });
		// A CR at the end may be half of a CRLF.
		for (let m; (m = /\r\n|\n|\r(?!$)/.exec(text)); ) {
			const line = text.slice(0, m.index);
			text = text.slice(m.index + m[0].length);
			const [, field, content] = /^([^:]*):? ?(.*)$/s.exec(line)!;
			if (line === "") {
				if (data.length) yield { name, data: data.join("\n") };
				name = "";
				data = [];
			} else if (field === "event") name = content!;
			else if (field === "data") data.push(content!);
		}
		if (done) return;
	}
}
