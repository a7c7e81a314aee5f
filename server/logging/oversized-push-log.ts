// What is logged of pushes that are larger than the gateway sends.

import { LogQuota } from "../../common/log-quota.ts";
import type { Logger } from "../../common/logger.ts";
import { pushContracts } from "../../protocol/gen/schema.ts";
import { MAX_SENT_BYTES } from "../../protocol/message-bounds.ts";

/** Nothing that the product publishes is so large; a program that uses the server's API may. */
export function oversizedPushLog(logger: Logger, now: () => number): (protocol: number) => void {
	const quota = new LogQuota(logger, now);
	return (protocol) => {
		const message = `push of more than ${MAX_SENT_BYTES} bytes not sent`;
		quota.log("error", { protocol, push: pushContracts.get(protocol)?.name }, message);
	};
}
