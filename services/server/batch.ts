// Runs the operations of a batch: those on one channel one after the other, channels beside each other.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { BatchResultProperties } from "../../protocol/gen/schema.ts";

export interface BatchJob {
	/** Operations on the same channel keep their order; "": it has none to keep. */
	readonly channel: string;
	/** Rejects when the operation failed. */
	run(): Promise<BatchResultProperties>;
}

/** Channels on which operations run at once. */
const CONCURRENCY = 16;

/** @returns a result for each job, in their order; never rejects. */
export async function runInOrder(jobs: readonly BatchJob[]): Promise<BatchResultProperties[]> {
	const chains = new Map<string, number[]>();
	for (const [index, { channel }] of jobs.entries()) {
		const name = channel === "" ? `\0${index}` : channel;
		const chain = chains.get(name);
		if (chain === undefined) chains.set(name, [index]);
		else chain.push(index);
	}
	const results: BatchResultProperties[] = jobs.map(() => ({}));
	const waiting = [...chains.values()].values();
	const runChains = async (): Promise<void> => {
		for (const chain of waiting) await runChain(jobs, chain, results);
	};
	await Promise.all(Array.from({ length: Math.min(CONCURRENCY, chains.size) }, runChains));
	return results;
}

/** After one that failed, the others would come before it when it is sent again. */
async function runChain(jobs: readonly BatchJob[], chain: readonly number[], results: BatchResultProperties[]) {
	let failed: number | undefined;
	for (const index of chain) {
		if (failed !== undefined) {
			results[index] = resultOf(notRun(failed));
			continue;
		}
		try {
			results[index] = await (jobs[index] as BatchJob).run();
		} catch (error) {
			results[index] = resultOf(GatewayError.from(error));
			failed = index;
		}
	}
}

function notRun(index: number): GatewayError {
	const text = `not run: operation ${index}, before it on its channel, failed`;
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, text);
}

function resultOf({ code, message, retryable, retryAfterMs, violations }: GatewayError): BatchResultProperties {
	return { code, error: { code, message, retryable, retryAfterMs, violations: [...violations] } };
}
