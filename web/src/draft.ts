// SPDX-License-Identifier: Apache-2.0
// What is being edited: kept in the browser, put into the address when shared, and turned into a request.
import type { Limits, Request, TestCase } from "./api.ts";
import { store, stored } from "./dom.ts";

export interface Draft {
	language: string;
	code: string;
	mode: "tests" | "stdin";
	cases: TestCase[];
	stdin: string;
	args: string[];
	compare: string;
	stopOnFailure: boolean;
	fresh: boolean;
	limits: Limits;
	others: Record<string, unknown>; // fields of a shared request that this page has no place for
}

const KEY = "kodewar.draft";
const SHARED_MAX = 4 << 20; // bytes of a shared request, unpacked

export const EXAMPLES: Record<string, { code: string; cases: TestCase[] }> = {
	python: {
		code: `# Each line has two numbers: print their sum.
import sys

for line in sys.stdin:
    a, b = map(int, line.split())
    print(a + b)
`,
		cases: [
			{ input: "1 2\n", expected: "3\n" },
			{ input: "20 22\n-5 5\n", expected: "42\n0\n" },
		],
	},
	javascript: {
		code: `// Each line has two numbers: print their sum.
const lines = require("fs").readFileSync(0, "utf8").trim().split("\\n");

for (const line of lines) {
  const [a, b] = line.split(" ").map(Number);
  console.log(a + b);
}
`,
		cases: [
			{ input: "1 2\n", expected: "3\n" },
			{ input: "20 22\n-5 5\n", expected: "42\n0\n" },
		],
	},
	c: {
		code: `/* Each line has two numbers: print their sum. */
#include <stdio.h>

int main(void)
{
	long a, b;

	while (scanf("%ld %ld", &a, &b) == 2)
		printf("%ld\\n", a + b);
}
`,
		cases: [
			{ input: "1 2\n", expected: "3\n" },
			{ input: "20 22\n-5 5\n", expected: "42\n0\n" },
		],
	},
};

export function fresh(language = "python"): Draft {
	const example = EXAMPLES[language] ?? { code: "", cases: [{ input: "", expected: "" }] };
	return {
		language,
		code: example.code,
		mode: "tests",
		cases: example.cases.map((c) => ({ ...c })),
		stdin: "",
		args: [],
		compare: "trim",
		stopOnFailure: false,
		fresh: false,
		limits: {},
		others: {},
	};
}

export function toRequest(d: Draft): Request {
	const request: Request = { code: d.code, language: d.language };
	if (d.mode === "tests") {
		if (d.cases.length) request.test_cases = d.cases.map((c) => ({ ...c }));
		if (d.compare !== "trim") request.compare = d.compare;
		if (d.stopOnFailure) request.stop_on_failure = true;
	} else if (d.stdin) request.stdin = d.stdin;
	if (d.args.length) request.args = d.args;
	if (d.fresh) request.fresh = true;
	if (Object.keys(d.limits).length) request.limits = d.limits;
	return { ...request, ...d.others };
}

const isText = (v: unknown): v is string => typeof v === "string";

// A request that somebody else wrote: what this page has a field for goes there, the rest is sent as it came.
export function fromRequest(r: Record<string, unknown>): Draft {
	const d = fresh();
	const { code, language, test_cases, stdin, args, compare, stop_on_failure, fresh: cold, limits, ...others } = r;
	const isCase = (c: unknown): c is TestCase =>
		typeof c === "object" && c !== null && isText((c as TestCase).input) && isText((c as TestCase).expected ?? "");
	if (!isText(code) || !isText(language)) throw new Error("it has no code or no language");
	d.code = code;
	d.language = language;
	d.others = others;
	d.cases = [];
	if (Array.isArray(test_cases)) {
		if (test_cases.every(isCase)) d.cases = test_cases.map((c) => ({ ...c, expected: c.expected ?? "" }));
		else others["test_cases"] = test_cases;
	}
	d.stdin = isText(stdin) ? stdin : "";
	d.mode = d.cases.length || others["test_cases"] ? "tests" : "stdin";
	if (Array.isArray(args) && args.every(isText)) d.args = args;
	if (isText(compare)) d.compare = compare;
	else if (compare !== undefined) others["compare"] = compare;
	d.stopOnFailure = stop_on_failure === true;
	d.fresh = cold === true;
	if (limits && typeof limits === "object" && !Array.isArray(limits))
		for (const [name, value] of Object.entries(limits))
			if (typeof value === "number") d.limits[name] = value;
	return d;
}

export function save(d: Draft): void {
	store(KEY, JSON.stringify(d));
}

export function restore(): Draft {
	try {
		const d = JSON.parse(stored(KEY) ?? "null");
		if (isText(d?.code) && isText(d.language) && Array.isArray(d.cases)) return { ...fresh(), ...d };
	} catch {
		// what cannot be read is not there
	}
	return fresh();
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
	const reader = stream.getReader();
	const parts: Uint8Array[] = [];
	let size = 0;
	for (;;) {
		const { value, done } = await reader.read();
		if (done) break;
		size += value.length;
		if (size > SHARED_MAX) throw new Error("it is too large");
		parts.push(value);
	}
	const all = new Uint8Array(size);
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

function through(bytes: Uint8Array, by: GenericTransformStream): Promise<Uint8Array> {
	const source = new Blob([bytes as BlobPart]).stream();
	return collect(source.pipeThrough(by as ReadableWritablePair<Uint8Array, Uint8Array>));
}

// The request in the address's fragment, which browsers never send: "r=" packed, "j=" where they cannot pack.
export async function toFragment(request: Request): Promise<string> {
	let bytes = new TextEncoder().encode(JSON.stringify(request)) as Uint8Array;
	const packs = typeof CompressionStream === "function";
	if (packs) bytes = await through(bytes, new CompressionStream("gzip"));
	let binary = "";
	for (const byte of bytes) binary += String.fromCharCode(byte);
	const text = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
	return `${packs ? "r" : "j"}=${text}`;
}

export async function fromFragment(fragment: string): Promise<Draft | null> {
	const match = /^#?([rj])=([A-Za-z0-9_-]+)$/.exec(fragment);
	if (!match) return null;
	const binary = atob(match[2]!.replaceAll("-", "+").replaceAll("_", "/"));
	let bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0)) as Uint8Array;
	if (match[1] === "r") bytes = await through(bytes, new DecompressionStream("gzip"));
	return fromRequest(JSON.parse(new TextDecoder().decode(bytes)));
}

// A line for a shell; what is in single quotes is itself, but the quote.
export function toCurl(request: Request, origin: string): string {
	const quoted = JSON.stringify(request).replaceAll("'", "'\\''");
	return `curl -sS ${origin}/v1/execute -H 'Content-Type: application/json' -d '${quoted}'`;
}
