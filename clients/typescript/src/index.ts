// SPDX-License-Identifier: Apache-2.0
// The client. Works wherever there is fetch: Node 20 and later, browsers, Deno, Bun. Types of requests and answers are
// generated from the service's own document (openapi.ts); where that says only "object", they are said here.
import { fail, NotReached, type Problem } from "./errors.ts";
import type { components } from "./openapi.ts";
import { parse, type Event } from "./events.ts";

export * from "./errors.ts";
export type { Event } from "./events.ts";

type Schemas = components["schemas"];
export type Request = Schemas["Request"];
export type TestCase = Schemas["TestCase"];
export type Limits = Schemas["Limits"];
export type Usage = Schemas["Usage"];
export type Language = Schemas["Languages"]["languages"][number];
export type Capabilities = Schemas["Capabilities"];

interface Parts {
	truncated: { output: boolean; stderr: boolean };
	denied_syscalls: { name: string; count: number }[] | null;
}
export type TestResult = Omit<Schemas["TestResult"], keyof Parts> & Parts;
export type Result = Omit<Schemas["Result"], keyof Parts | "compile" | "test_results"> &
	Parts & {
		test_results: TestResult[];
		compile: { exit_code: number | null; output: string; usage: Usage } | null;
	};
export type Job = Omit<Schemas["Job"], "result"> & { result: Result | null };

export interface SandboxOptions {
	token?: string;
	fetch?: typeof fetch;
}

export interface Asking {
	signal?: AbortSignal; // aborting a run or a stream cancels the program
}

export interface Submitting extends Asking {
	idempotencyKey?: string;
	priority?: number;
	deadlineMs?: number;
}

const WAIT_SEC = 30; // of one long poll
const RETRIES = 3; // of what may be asked again, when no answer came

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export class Sandbox {
	readonly #url: string;
	readonly #headers: Record<string, string>;
	readonly #fetch: typeof fetch;

	constructor(url = "http://127.0.0.1:8080", options: SandboxOptions = {}) {
		this.#url = url.replace(/\/+$/, "");
		this.#headers = options.token ? { Authorization: `Bearer ${options.token}` } : {};
		this.#fetch = options.fetch ?? ((...args) => fetch(...args));
	}

	async #ask(method: string, path: string, init: RequestInit & { json?: unknown; retries?: number } = {}): Promise<Response> {
		const { json, retries = 0, ...rest } = init;
		const headers = { ...this.#headers, ...(rest.headers as Record<string, string>) };
		if (json !== undefined) {
			headers["Content-Type"] = "application/json";
			rest.body = JSON.stringify(json);
		}
		for (let attempt = 0; ; attempt++) {
			try {
				const response = await this.#fetch(this.#url + path, { ...rest, method, headers });
				if (!response.ok) throw await fail(response);
				return response;
			} catch (e) {
				if (!(e instanceof TypeError)) throw e; // an answer, or an abort
				if (attempt >= retries) throw new NotReached(`${method} ${path}: ${reason(e)}`, { cause: e });
				await pause(200 * 2 ** attempt);
			}
		}
	}

	async #json<T>(method: string, path: string, init: RequestInit & { json?: unknown; retries?: number } = {}): Promise<T> {
		const response = await this.#ask(method, path, init);
		try {
			return (await response.json()) as T;
		} catch (e) {
			if (init.signal?.aborted) throw e;
			throw new NotReached(`${method} ${path}: ${reason(e)}`, { cause: e });
		}
	}

	/** Runs it and waits for the result. */
	run(request: Request, { signal }: Asking = {}): Promise<Result> {
		return this.#json("POST", "/v1/execute", { json: request, ...(signal && { signal }) });
	}

	/** What happens, as it happens; the last event is the result. Leaving the loop cancels the program. */
	async *stream(request: Request, { signal }: Asking = {}): AsyncGenerator<Event> {
		const response = await this.#ask("POST", "/v1/execute", {
			json: request,
			headers: { Accept: "text/event-stream" },
			...(signal && { signal }),
		});
		for await (const { event } of this.#events(response, signal)) {
			yield event;
			if (event.type === "result") return;
		}
		throw new NotReached("the stream ended before the result came");
	}

	async *#events(response: Response, signal?: AbortSignal): AsyncGenerator<{ id: number; event: Event }> {
		try {
			yield* parse(response.body!);
		} catch (e) {
			if (signal?.aborted || e instanceof SyntaxError) throw e;
			throw new NotReached(`the stream broke: ${reason(e)}`, { cause: e });
		}
	}

	/** Accepted once this resolves, even if the service is killed then. Asked again, with one key, where no answer comes. */
	submit(request: Request, options: Submitting = {}): Promise<Job> {
		const { signal, idempotencyKey, priority, deadlineMs } = options;
		const query = new URLSearchParams();
		if (priority !== undefined) query.set("priority", String(priority));
		if (deadlineMs !== undefined) query.set("deadline_ms", String(deadlineMs));
		return this.#json("POST", `/v1/jobs${query.size ? `?${query}` : ""}`, {
			json: request,
			headers: { "Idempotency-Key": idempotencyKey ?? crypto.randomUUID() },
			retries: RETRIES,
			...(signal && { signal }),
		});
	}

	/** Up to 1,000 requests: a job or the problem of each, in their order. */
	async submitMany(submissions: Request[], options: { idempotencyKey?: string } = {}): Promise<(Job | Problem)[]> {
		const answer = await this.#json<{ jobs: (Job | Problem)[] }>("POST", "/v1/batches", {
			json: { submissions },
			headers: { "Idempotency-Key": options.idempotencyKey ?? crypto.randomUUID() },
			retries: RETRIES,
		});
		return answer.jobs;
	}

	/** How it stands; with `wait`, as soon as it is done, or after that many seconds. */
	job(id: string, { wait, signal }: Asking & { wait?: number } = {}): Promise<Job> {
		const query = wait === undefined ? "" : `?wait=${wait}`;
		return this.#json("GET", `/v1/jobs/${encodeURIComponent(id)}${query}`, { retries: RETRIES, ...(signal && { signal }) });
	}

	/** Its result, waited for; a signal ends the waiting, not the job. */
	async wait(id: string, options: Asking = {}): Promise<Result> {
		for (;;) {
			const job = await this.job(id, { wait: WAIT_SEC, ...options });
			if (job.result) return job.result;
		}
	}

	cancel(id: string): Promise<Job> {
		return this.#json("DELETE", `/v1/jobs/${encodeURIComponent(id)}`, { retries: RETRIES });
	}

	/** Its events, those that happened already first; a broken connection is taken up where it broke. */
	async *events(id: string, { signal, after = 0 }: Asking & { after?: number } = {}): AsyncGenerator<Event> {
		let last = after;
		for (let broken = 0; broken <= RETRIES; broken++) {
			const response = await this.#ask("GET", `/v1/jobs/${encodeURIComponent(id)}/events`, {
				headers: { Accept: "text/event-stream", "Last-Event-ID": String(last) },
				retries: RETRIES,
				...(signal && { signal }),
			});
			try {
				for await (const { id: seq, event } of this.#events(response, signal)) {
					if (seq > last) broken = 0;
					last = seq;
					yield event;
					if (event.type === "result") return;
				}
			} catch (e) {
				if (!(e instanceof NotReached)) throw e;
			}
			await pause(200 * 2 ** broken);
		}
		throw new NotReached("the stream ends before the result comes");
	}

	async languages(): Promise<Language[]> {
		return (await this.#json<Schemas["Languages"]>("GET", "/v1/languages")).languages;
	}

	/** Which layers really hold on that host, lanes, limits and caps. */
	capabilities(): Promise<Capabilities> {
		return this.#json("GET", "/v1/capabilities");
	}

	/** Whether it takes submissions; false also where it does not answer. */
	async ready(): Promise<boolean> {
		return this.#ask("GET", "/readyz").then(
			() => true,
			() => false,
		);
	}
}

function reason(e: unknown): string {
	const cause = e instanceof Error && e.cause instanceof Error ? e.cause : e;
	return cause instanceof Error ? cause.message : String(cause);
}
