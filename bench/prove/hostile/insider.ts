// A hostile member: as much load as every limit of the gateway allows.
import { ErrorCode } from "../../../protocol/codes.ts";
import type { RouteContract } from "../../../protocol/contract.ts";
import { authRoutes } from "../../../protocol/gen/schema.ts";
import { PASSWORD, WireClient } from "../../../test/support/wire-client.ts";
import { pause } from "./attack.ts";

const MAX_PAUSE_MS = 2000;
const REFUSED_PAUSE_MS = 20;

export class Insider {
	readonly userId: string;
	readonly accessToken: string;
	private waitUntilMs = 0;
	/** Undefined after the gateway closed the connection. */
	private client: WireClient | undefined;
	private returning: Promise<void> | undefined;
	private readonly open: () => Promise<WireClient>;

	private constructor(open: () => Promise<WireClient>, client: WireClient, userId: string, accessToken: string) {
		this.open = open;
		this.userId = userId;
		this.accessToken = accessToken;
		this.use(client);
	}

	/** Each with an address of its own, so that no limit of addresses helps. @throws Error when refused. */
	static async join(port: number, index: number): Promise<Insider> {
		const localAddress = `127.6.${index >> 7}.${(index & 127) + 1}`;
		const open = () => WireClient.open(`ws://127.0.0.1:${port}/ws`, { localAddress });
		const client = await open();
		const username = `insider-${index}`;
		await client.ask(authRoutes.register, { username, password: PASSWORD });
		const { user, tokens } = await client.login(username, "first");
		return new Insider(open, client, user?.id ?? "", tokens?.accessToken ?? "");
	}

	/** As many as wanted, spread over the nodes. */
	static gather(ports: readonly number[], count: number): Promise<Insider[]> {
		return Promise.all(
			Array.from({ length: count }, (_, index) => Insider.join(ports[index % ports.length] as number, index)),
		);
	}

	/**
	 * Sends a request; after an error reply it sends no other until the retry delay of the reply is over. A connection that was
	 * closed is opened again, so that an attack lasts.
	 *
	 * @returns the reply's body; undefined when it was refused, or the connection is over.
	 */
	async ask<Request, Properties, Reply, ReplyProperties>(
		contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
		request: Properties,
	): Promise<Reply | undefined> {
		while (performance.now() < this.waitUntilMs) await pause(this.waitUntilMs - performance.now());
		if (this.client === undefined) {
			this.returning ??= this.comeBack().finally(() => {
				this.returning = undefined;
			});
			await this.returning;
		}
		const { client } = this;
		const reply = await client?.ask(contract, request).catch(() => undefined);
		if (client !== undefined) client.pushes.length = 0;
		if (reply === undefined) {
			// So that a caller that asks in a loop does not starve the others.
			await pause(REFUSED_PAUSE_MS);
			return undefined;
		}
		const { code, error, body } = reply;
		if ((code ?? ErrorCode.OK) === ErrorCode.OK) return contract.reply.decode(body ?? new Uint8Array());
		const waitMs = Math.min(MAX_PAUSE_MS, error?.retryAfterMs || REFUSED_PAUSE_MS);
		this.waitUntilMs = Math.max(this.waitUntilMs, performance.now() + waitMs);
		return undefined;
	}

	private use(client: WireClient): void {
		this.client = client;
		void client.closed.then(() => {
			if (this.client === client) this.client = undefined;
		});
	}

	/** As soon as the gateway lets it: it may be refused for a while. */
	private async comeBack(): Promise<void> {
		await pause(REFUSED_PAUSE_MS);
		try {
			const client = await this.open();
			this.use(client);
			await client.ask(authRoutes.connect, { accessToken: this.accessToken });
		} catch {
			await pause(MAX_PAUSE_MS);
		}
	}
}
