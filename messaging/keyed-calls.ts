// Runs a call under a key of its caller's once, however often and wherever it is sent: the first one runs, the others get its result.
import { createHash } from "node:crypto";
import { ErrorCode } from "../protocol/codes.ts";
import { fieldError, GatewayError } from "../protocol/error.ts";
import type { KeyBudget } from "./key-budget.ts";
import { MAX_RESULT_BYTES, RESULT_ENTRY_BYTES, type ResultKey, type ResultStore, storedBytes } from "./result-store.ts";

export interface KeyedCallsOptions {
	readonly results: ResultStore;
	readonly budget: KeyBudget;
	/** After this time a call that left nothing behind counts as gone with its process, in milliseconds. */
	readonly runningMs: number;
}

/** A call and the key that its caller gave it. */
export interface KeyedCall {
	/** The id of the user or of the API key. */
	readonly owner: string;
	readonly isUser: boolean;
	readonly key: string;
	/** What the key is called, in violations. */
	readonly field: string;
	/** What was asked for: the same key for something else is an error. */
	readonly content: readonly (string | Uint8Array)[];
}

/** How a reply is kept. */
export interface ReplyCodec<Reply> {
	encode(reply: Reply): Uint8Array;
	decode(bytes: Uint8Array): Reply;
}

/** When a caller should come back whose call is running elsewhere. */
const RUNNING_RETRY_MS = 1000;

export class KeyedCalls {
	private readonly options: KeyedCallsOptions;

	constructor(options: KeyedCallsOptions) {
		this.options = options;
	}

	/**
	 * @param run - gets when the first call with this key began, in Unix milliseconds: the same for a call that takes over from one
	 *   whose process died, so that what is made of it is the same.
	 * @throws what `run` throws, after which the call may be sent again; GatewayError CONFLICT while it runs elsewhere, or when its
	 *   result was too large to be kept; VALIDATION_FAILED when the key stands for something else; RATE_LIMITED when the caller has used up
	 *   what keys may take; UNAVAILABLE.
	 */
	async once<Reply>(
		call: KeyedCall,
		codec: ReplyCodec<Reply>,
		run: (sinceMs: number) => Promise<Reply>,
	): Promise<Reply> {
		const { results, budget, runningMs } = this.options;
		const { owner, isUser, field } = call;
		const key = { owner, key: digest(call.key), fingerprint: digest(...call.content) };
		const waitMs = budget.take(owner, isUser, RESULT_ENTRY_BYTES);
		// A repeat is answered also when there is no room: after the wait its key would not be known, and it would run again.
		const claim = waitMs === 0 ? await results.claim(key, runningMs, budget.windowMs) : await results.find(key);
		if (claim === undefined) throw tooManyKeys(field, waitMs);
		if (claim.state === "claimed") return await this.runClaimed(key, isUser, codec, () => run(claim.sinceMs));
		if (claim.fingerprint !== key.fingerprint) throw fieldError(field, "belongs to a call with other content");
		if (claim.state === "running") {
			const message = `a call with this ${field} is running`;
			throw new GatewayError(ErrorCode.CONFLICT, message, { retryAfterMs: RUNNING_RETRY_MS });
		}
		if (claim.result === undefined) {
			const message = `the call with this ${field} is done; its result was too large to be kept`;
			throw new GatewayError(ErrorCode.CONFLICT, message);
		}
		return codec.decode(claim.result);
	}

	private async runClaimed<Reply>(
		key: ResultKey,
		isUser: boolean,
		codec: ReplyCodec<Reply>,
		run: () => Promise<Reply>,
	): Promise<Reply> {
		const { results, budget } = this.options;
		let reply: Reply;
		try {
			reply = await run();
		} catch (error) {
			// What failed may be tried again. If the store does not answer now, it can when the key is forgotten.
			await results.abandon(key).catch(() => {});
			throw error;
		}
		const bytes = codec.encode(reply);
		const isKept = bytes.length <= MAX_RESULT_BYTES;
		if (isKept) budget.add(key.owner, isUser, storedBytes(bytes));
		// The call has been carried out, and its caller gets the reply whether or not it can be kept for a repeat.
		await results.complete(key, isKept ? new Uint8Array(bytes) : undefined, budget.windowMs).catch(() => {});
		return reply;
	}
}

/** A caller has used up what keys may take. */
export function tooManyKeys(field: string, retryAfterMs: number): GatewayError {
	return new GatewayError(ErrorCode.RATE_LIMITED, `too many calls with an ${field}`, { retryAfterMs });
}

/** SHA-256, base64url. Parts cannot run into each other: each is hashed by itself. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(createHash("sha256").update(part).digest());
	return hash.digest("base64url");
}
