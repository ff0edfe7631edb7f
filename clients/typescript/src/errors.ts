// SPDX-License-Identifier: Apache-2.0
// Why there is no result. What a program did is never one of these: it is data in the result.
import type { components } from "./openapi.ts";

export type Problem = components["schemas"]["Problem"];

export class KodewarError extends Error {
	override name = this.constructor.name;
}

/** No answer: the service is not there, or the connection broke before the answer came. */
export class NotReached extends KodewarError {}

/** The service answered with a problem (RFC 9457). */
export class ApiError extends KodewarError {
	constructor(readonly problem: Problem) {
		super(problem.detail);
	}
	get status(): number {
		return this.problem.status;
	}
}

/** The request breaks a rule: `field` and `rule` say which, where a field is to blame. */
export class Refused extends ApiError {
	get field(): string | undefined {
		return this.problem.field;
	}
	get rule(): string | undefined {
		return this.problem.rule;
	}
}

/** No token, a wrong one, or a place from which one may not ask. */
export class Unauthorized extends ApiError {}
/** There is no such job, or it is somebody else's. */
export class NotFound extends ApiError {}
/** The idempotency key was used for another request. */
export class Conflict extends ApiError {}
/** Not now: the service begins, ends, or may not run programs. */
export class Unavailable extends ApiError {
	get retryAfterSec(): number | undefined {
		return this.problem.retry_after_sec;
	}
}
/** The queue is full, or the rate spent. */
export class Busy extends Unavailable {}
/** The service broke. */
export class ServerFailed extends ApiError {}

const BY_STATUS: Record<number, typeof ApiError> = {
	401: Unauthorized,
	403: Unauthorized,
	404: NotFound,
	409: Conflict,
	429: Busy,
	503: Unavailable,
};

export async function fail(response: Response): Promise<ApiError> {
	const { status } = response;
	const text = await response.text().catch(() => "");
	let problem: Problem = { type: "about:blank", title: response.statusText, status, detail: text.slice(0, 200) || `status ${status}` };
	try {
		problem = { ...problem, ...JSON.parse(text), status };
	} catch {
		// a proxy's page, say
	}
	const after = Number(response.headers.get("Retry-After"));
	if (after > 0) problem.retry_after_sec ??= after;
	return new (BY_STATUS[status] ?? (status < 500 ? Refused : ServerFailed))(problem);
}
