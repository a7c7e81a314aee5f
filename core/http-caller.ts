// The other end of an HTTP call: who has sent one request, for as long as that is answered. Nothing can be pushed to it.
import type { Identity } from "../common/identity.ts";
import { ipKey } from "../common/ip-key.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import type { Peer, SubscribeResult } from "./call.ts";
import type { Encoding } from "./encoding.ts";

export interface HttpCallerOptions {
	/** Negative, so that it is no connection's. */
	readonly id: number;
	readonly ip: string;
	readonly userAgent: string;
	/** In which the reply is written: pages are filled by it. */
	readonly encoding: Encoding;
}

export class HttpCaller implements Peer {
	readonly id: number;
	readonly ip: string;
	readonly userAgent: string;
	readonly encoding: Encoding;
	readonly takesPushes = false;
	readonly isOpen = true;
	readonly isReachable = true;
	identity: Identity | undefined = undefined;
	private key: string | undefined = undefined;

	constructor({ id, ip, userAgent, encoding }: HttpCallerOptions) {
		this.id = id;
		this.ip = ip;
		this.userAgent = userAgent;
		this.encoding = encoding;
	}

	/** What counts as one address. */
	get addressKey(): string {
		this.key ??= ipKey(this.ip);
		return this.key;
	}

	bufferedBytes(): number {
		return 0;
	}

	push(): void {}

	join(): void {}

	leave(): void {}

	subscribeChannel(): Promise<SubscribeResult> {
		return Promise.reject(needsConnection());
	}

	unsubscribeChannel(): void {}
}

/** What was called is about a connection. */
export function needsConnection(): GatewayError {
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, "this needs a WebSocket connection");
}
