// SPDX-License-Identifier: Apache-2.0
// The TypeScript client against the service at KODEWAR_URL; started by test_typescript.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Conflict, NotFound, NotReached, Refused, Sandbox } from "../../clients/typescript/dist/index.js";

const url = process.env.KODEWAR_URL;
const sandbox = new Sandbox(url);
const square = "print(int(input())**2)";
const endless = "while True: pass";

async function all(events) {
	const list = [];
	for await (const event of events) list.push(event);
	return list;
}

async function untilIdle() {
	const end = Date.now() + 15000;
	while (!(await (await fetch(`${url}/metrics`)).text()).includes("kodewar_jobs_running 0\n")) {
		assert(Date.now() < end, "the job of a client that went away still runs");
		await new Promise((done) => setTimeout(done, 50));
	}
}

test("run judges test cases", async () => {
	const result = await sandbox.run({
		code: square,
		language: "python",
		test_cases: [{ input: "7", expected: "49" }, { input: "8", expected: "63" }],
	});
	assert.deepEqual(result.test_results.map((t) => t.passed), [true, false]);
	assert.equal(result.verdict, "wrong_answer");
	assert.equal(result.truncated.output, false);
});

test("what the program did is no error", async () => {
	const result = await sandbox.run({ code: endless, language: "python", limits: { cpu_ms: 200 } });
	assert.equal(result.verdict, "time_limit");
});

test("a refusal names field and rule", async () => {
	await assert.rejects(sandbox.run({ code: "", language: "klingon" }), (e) => {
		assert(e instanceof Refused);
		assert.equal(e.status, 422);
		assert.equal(e.field, "language");
		return e.rule.length > 0;
	});
});

test("stream tells what happens", async () => {
	const events = await all(sandbox.stream({
		code: "print('a\u2028b')",
		language: "python",
		test_cases: [{ input: "", expected: "a\u2028b" }, { input: "", expected: "no" }],
	}));
	const kinds = events.map((e) => e.type);
	assert.equal(kinds[0], "queued");
	assert(kinds.includes("running") && kinds.includes("output"));
	assert.equal(kinds.at(-1), "result");
	const passed = events.filter((e) => e.type === "case").sort((a, b) => a.index - b.index).map((e) => e.result.passed);
	assert.deepEqual(passed, [true, false]);
});

test("leaving a stream cancels", async () => {
	for await (const event of sandbox.stream({ code: endless, language: "python" })) if (event.type === "running") break;
	await untilIdle();
});

test("aborting a run cancels", async () => {
	const abort = new AbortController();
	const run = sandbox.run({ code: endless, language: "python" }, { signal: abort.signal });
	setTimeout(() => abort.abort(), 300);
	await assert.rejects(run, { name: "AbortError" });
	await untilIdle();
});

test("jobs", async () => {
	const request = { code: square, language: "python", test_cases: [{ input: "3", expected: "9" }] };
	const job = await sandbox.submit(request, { idempotencyKey: "ts", priority: -1 });
	assert.equal((await sandbox.submit(request, { idempotencyKey: "ts", priority: -1 })).id, job.id);
	await assert.rejects(sandbox.submit({ ...request, code: "" }, { idempotencyKey: "ts" }), Conflict);
	assert.equal((await sandbox.wait(job.id)).verdict, "accepted");
	assert.equal((await all(sandbox.events(job.id))).at(-1).type, "result");
	await assert.rejects(sandbox.job("0".repeat(32)), NotFound);
});

test("a job is cancelled", async () => {
	const job = await sandbox.submit({ code: endless, language: "python" });
	for await (const event of sandbox.events(job.id)) if (event.type === "running") break;
	await sandbox.cancel(job.id);
	assert.equal((await sandbox.wait(job.id)).verdict, "internal_error");
});

test("many at once", async () => {
	const [job, problem] = await sandbox.submitMany([{ code: "print(1)", language: "python" }, { code: "", language: "none" }]);
	assert.equal((await sandbox.wait(job.id)).output, "1\n");
	assert.equal(problem.status, 422);
});

test("about the service", async () => {
	assert((await sandbox.languages()).some((l) => l.name === "python"));
	assert((await sandbox.capabilities()).lanes >= 1);
	assert(await sandbox.ready());
});

test("nobody there", async () => {
	const none = new Sandbox("http://127.0.0.1:9");
	await assert.rejects(none.run({ code: "", language: "python" }), NotReached);
	assert.equal(await none.ready(), false);
});
