// The token of a user of Nacos: asked for once, used by all, and asked for again before it ends or when it is refused.
import type { Clock } from "../../../common/clock.ts";

export interface NacosToken {
	readonly text: string;
	/** Seconds from now; 0 or less: unknown. */
	readonly ttlSeconds: number;
}

export interface NacosLoginOptions {
	/** Undefined: no user, and no token. */
	readonly username: string | undefined;
	readonly ask: () => Promise<NacosToken>;
	readonly clock: Pick<Clock, "monotonic">;
}

/** A token is used for this share of its time. */
const USED_SHARE = 0.9;

export class NacosLogin {
	private readonly options: NacosLoginOptions;
	private pending: Promise<string> | undefined;
	private endsAtMs = Infinity;

	constructor(options: NacosLoginOptions) {
		this.options = options;
	}

	/** @returns undefined when there is no user. @throws as the question does. */
	async token(): Promise<string | undefined> {
		const { username, clock, ask } = this.options;
		if (username === undefined) return undefined;
		if (clock.monotonic() >= this.endsAtMs) this.forget();
		this.pending ??= ask().then(({ text, ttlSeconds }) => {
			this.endsAtMs = ttlSeconds > 0 ? clock.monotonic() + ttlSeconds * 1000 * USED_SHARE : Infinity;
			return text;
		});
		const { pending } = this;
		try {
			return await pending;
		} catch (error) {
			if (this.pending === pending) this.forget();
			throw error;
		}
	}

	/** The token was refused. */
	forget(): void {
		this.pending = undefined;
		this.endsAtMs = Infinity;
	}
}

/** The answer to a login, in every version. @throws Error without a token. */
export function readToken(text: string): NacosToken {
	const answer = objectOf(text);
	// Nacos 3 wraps some of its answers.
	const data = answer?.["data"];
	const body = (typeof data === "object" ? data : answer) as Readonly<Record<string, unknown>> | null | undefined;
	const token = body?.["accessToken"];
	if (typeof token !== "string") throw new Error("Nacos gave no access token");
	return { text: token, ttlSeconds: Number(body?.["tokenTtl"]) || 0 };
}

/** Without the parser's message, which shows a part of what may be a token. */
function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
	} catch {
		return undefined;
	}
}
