// SPDX-License-Identifier: Apache-2.0
// Server-Sent Events from a fetch, as the HTML standard has them.
import type { Result, TestResult } from "./index.ts";

export type Event =
	| { type: "queued"; position: number }
	| { type: "compiling" }
	| { type: "running" }
	| { type: "case"; index: number; result: TestResult }
	| { type: "output"; case: number; stream: "stdout" | "stderr"; data: string }
	| { type: "result"; result: Result };

// undefined: one that this version does not know.
function make(name: string, data: string): Event | undefined {
	const raw = JSON.parse(data);
	switch (name) {
		case "queued":
		case "compiling":
		case "running":
		case "output":
			return { ...raw, type: name };
		case "case": {
			const { index, ...result } = raw;
			return { type: "case", index, result };
		}
		case "result":
			return { type: "result", result: raw };
		default:
			return undefined;
	}
}

export async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<{ id: number; event: Event }> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let [rest, name, id] = ["", "", 0];
	let data: string[] = [];
	try {
		for (;;) {
			const { value, done } = await reader.read();
			if (done) return;
			const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
			rest = lines.pop()!;
			for (const ended of lines) {
				const line = ended.replace(/\r$/, "");
				const [, field, content] = /^([^:]*):? ?(.*)$/s.exec(line)!;
				if (line === "") {
					const event = data.length ? make(name, data.join("\n")) : undefined;
					[name, data] = ["", []];
					if (event) yield { id, event };
				} else if (field === "event") name = content!;
				else if (field === "data") data.push(content!);
				else if (field === "id") id = Number(content);
			}
		}
	} finally {
		await reader.cancel().catch(() => undefined); // who leaves early tells the service so
	}
}
