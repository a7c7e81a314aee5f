// Calls to an etcd cluster: to one member, and to the next when that one does not answer; with a token where the cluster asks for a
// user. A member that has lost its cluster answers nothing (`hasleader`), so that it is passed over as well.
import { GRPC, GrpcConnection, grpcCode, isUnavailable, type RpcStream } from "../grpc-connection.ts";
import { authorityOf, type ServerAddress, ServerRotation } from "../server-address.ts";
import type { TlsMaterial } from "../tls-files.ts";
import { authenticateReply, authenticateRequest } from "./etcd-messages.ts";

export interface EtcdConnectionOptions {
	readonly servers: readonly ServerAddress[];
	readonly tls: TlsMaterial;
	readonly username: string | undefined;
	readonly password: string | undefined;
	/** Of one attempt at one member. */
	readonly timeoutMs: number;
	/** The member to begin with; any, if it is not given. */
	readonly firstServer?: number;
}

type Headers = Readonly<Record<string, string>>;

/** The keys of metadata are in lower case (RFC 9113, section 8.2.1). */
const REQUIRE_LEADER: Headers = { hasleader: "true" };
/** What etcd answers for a token that it no longer knows, or that is older than a change of users; with the code beside it. */
const STALE_TOKEN = /invalid auth token|auth store is old|user name is empty/;

export class EtcdConnection {
	private readonly options: EtcdConnectionOptions;
	private readonly rotation: ServerRotation<ServerAddress>;
	private open: { readonly server: ServerAddress; readonly connection: GrpcConnection } | undefined;
	private token: Promise<string> | undefined;
	private isClosed = false;

	constructor(options: EtcdConnectionOptions) {
		this.options = options;
		this.rotation = new ServerRotation(options.servers, options.firstServer);
	}

	/** The member in use, for people. */
	get server(): string {
		return authorityOf(this.rotation.current);
	}

	/** @throws Error of the last member that was asked, after each was asked once; at once when etcd itself refuses. */
	async call(method: string, message: Uint8Array): Promise<Buffer> {
		return await this.attempt((connection, headers) => {
			return connection.call(method, message, { timeoutMs: this.options.timeoutMs, headers });
		});
	}

	/** Sends one message on a stream of its own, and waits for one answer. @throws as `call`. */
	async exchange(method: string, message: Uint8Array): Promise<Buffer> {
		return await this.attempt((connection, headers) =>
			exchangeOnce(connection, method, message, headers, this.options.timeoutMs),
		);
	}

	/** Opens a stream to the member in use; `onEnd` gets its end, also a failure to open it. */
	async stream(
		method: string,
		handlers: { onMessage(message: Buffer): void; onEnd(error: Error): void },
	): Promise<RpcStream> {
		const { server, connection } = this.connected();
		const headers = await this.headers(connection);
		const onEnd = (error: Error) => {
			this.onFailure(server, error);
			handlers.onEnd(error);
		};
		return connection.stream(method, { onMessage: handlers.onMessage, onEnd }, headers);
	}

	close(): void {
		this.isClosed = true;
		this.open?.connection.close();
		this.open = undefined;
	}

	private async attempt(run: (connection: GrpcConnection, headers: Headers) => Promise<Buffer>): Promise<Buffer> {
		let hasNewToken = false;
		for (let left = this.rotation.servers.length; ; ) {
			const { server, connection } = this.connected();
			try {
				return await run(connection, await this.headers(connection));
			} catch (error) {
				if (this.isTokenStale(error) && !hasNewToken) {
					hasNewToken = true;
					this.token = undefined;
					continue;
				}
				this.onFailure(server, error);
				if (!isUnavailable(error) || --left === 0 || this.isClosed) throw error;
			}
		}
	}

	private connected(): { readonly server: ServerAddress; readonly connection: GrpcConnection } {
		if (this.isClosed) throw new Error("the client of etcd is closed");
		const server = this.rotation.current;
		if (this.open?.server !== server) {
			this.open?.connection.close();
			this.open = { server, connection: new GrpcConnection(server, this.options.tls) };
		}
		return this.open;
	}

	private onFailure(server: ServerAddress, error: unknown): void {
		if (this.isTokenStale(error)) this.token = undefined;
		if (isUnavailable(error)) this.rotation.passOn(server);
	}

	private isTokenStale(error: unknown): boolean {
		const code = grpcCode(error);
		if (this.options.username === undefined) return false;
		if (code === GRPC.UNAUTHENTICATED) return true;
		return code === GRPC.INVALID_ARGUMENT && STALE_TOKEN.test((error as Error).message);
	}

	private async headers(connection: GrpcConnection): Promise<Headers> {
		const { username, password = "", timeoutMs } = this.options;
		if (username === undefined) return REQUIRE_LEADER;
		this.token ??= connection
			.call("/etcdserverpb.Auth/Authenticate", authenticateRequest(username, password), { timeoutMs })
			.then(authenticateReply);
		const pending = this.token;
		try {
			return { ...REQUIRE_LEADER, token: await pending };
		} catch (error) {
			if (this.token === pending) this.token = undefined;
			throw error;
		}
	}
}

function exchangeOnce(
	connection: GrpcConnection,
	method: string,
	message: Uint8Array,
	headers: Headers,
	timeoutMs: number,
): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => {
			stream.cancel();
			reject(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: GRPC.DEADLINE_EXCEEDED }));
		}, timeoutMs);
		const settle = (run: () => void) => {
			clearTimeout(timer);
			run();
		};
		const stream = connection.stream(
			method,
			{
				onMessage: (answer) => {
					settle(() => resolve(answer));
					stream.cancel();
				},
				onEnd: (error) => settle(() => reject(error)),
			},
			headers,
		);
		stream.write(message);
	});
}
