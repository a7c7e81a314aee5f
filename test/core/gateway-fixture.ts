// A gateway on the memory transport with a handful of routes made for tests, and a client to talk to it with.

import type { Identity } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { Call } from "../../core/call.ts";
import type { ChannelSubscriptions } from "../../core/channel-subscriptions.ts";
import type { ChannelHub } from "../../core/channels/channel-hub.ts";
import type { Connection } from "../../core/connection.ts";
import { ConnectionCounters } from "../../core/connection-counters.ts";
import type { PresenceListener } from "../../core/connections.ts";
import { Dispatcher, type MessageLimits } from "../../core/dispatcher.ts";
import { Hub } from "../../core/hub.ts";
import { originPolicy } from "../../core/origin.ts";
import { PushSender } from "../../core/push-sender.ts";
import { RateLimits, type RateSettings } from "../../core/rate-limits.ts";
import type { HandlerModule } from "../../core/route.ts";
import { bindModule, RouteTable } from "../../core/route-table.ts";
import { ServedRoutes } from "../../core/served-routes.ts";
import { JsonDialect } from "../../core/text-dialect.ts";
import type { UpgradeRequest } from "../../core/transport.ts";
import { authorize } from "../../middleware/authorize.ts";
import { decode } from "../../middleware/decode.ts";
import { RequestStats } from "../../middleware/request-stats.ts";
import { validate } from "../../middleware/validate.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { authRoutes, Envelope } from "../../protocol/gen/schema.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import { type ClientConnections, type ConnectionLimits, openConnections } from "../../server/compose/connections.ts";
import { EdgeJsonDialect } from "../../server/dialects/edge-json.ts";
import { ImJsonDialect } from "../../server/dialects/im-json.ts";
import { httpService } from "../support/http-options.ts";
import { type MemoryClient, MemoryTransport } from "../support/transport-memory.ts";

const OFF = { perSecond: 0, burst: 1 };

const NO_CHANNELS: ChannelSubscriptions = {
	subscribeChannel: () => Promise.reject(new Error("no channels")),
	unsubscribeChannel: () => {},
	forget: () => {},
	membershipChanged: () => {},
};

export interface GatewayFixtureOptions {
	readonly limits?: Partial<MessageLimits & ConnectionLimits>;
	readonly rates?: Partial<RateSettings>;
	readonly allowedOrigins?: readonly string[];
	readonly maxBackpressureBytes?: number;
	/** Those of the auth block unless given. */
	readonly contracts?: readonly AnyRouteContract[];
	/** Messages of the older JSON dialect are understood, too. */
	readonly olderDialect?: boolean;
	readonly imDialect?: boolean;
	readonly presence?: readonly PresenceListener[];
	/** Recoverable channels; without it, there are none. */
	readonly openChannels?: (fixture: GatewayFixture) => ChannelHub;
	/** Handlers by route name; routes without one answer with an empty message. */
	// biome-ignore lint/suspicious/noExplicitAny: each test knows the request of its own route.
	readonly handlers?: Readonly<Record<string, (request: any, call: Call) => object | Promise<object>>>;
}

/** A log line as the gateway wrote it. */
export interface LogLine {
	readonly level: string;
	readonly fields: object;
	readonly message: string;
}

export function identityOf(name: string, overrides: Partial<Identity> = {}): Identity {
	return {
		sessionId: `session-${name}`,
		userId: `user-${name}`,
		username: name,
		deviceId: "",
		roles: ["user"],
		permissions: new Set(),
		expiresAtMs: Number.MAX_SAFE_INTEGER,
		...overrides,
	};
}

export class GatewayFixture {
	nowMs = 1_000;
	wallMs = 1_700_000_000_000;
	readonly log: LogLine[] = [];
	/** Connections that were to end what they have by permissions that they lost. */
	readonly permissionsLost: number[] = [];
	readonly hub = new Hub();
	readonly counters = new ConnectionCounters();
	readonly rates: RateLimits;
	readonly stats: RequestStats;
	readonly dispatcher: Dispatcher;
	readonly pushes: PushSender;
	readonly connections: ClientConnections;
	readonly transport: MemoryTransport<Connection>;

	constructor(options: GatewayFixtureOptions = {}) {
		const now = () => this.nowMs;
		const logger = this.logger();
		const transcoder = new JsonTranscoder();
		const json = () => transcoder;
		const limits = {
			maxMessageBytes: 65_536,
			maxInFlight: 64,
			maxInFlightBeforeLogin: 32,
			maxPendingBytes: 64 * 1024 * 1024,
			maxPendingBytesPerConnection: 512 * 1024,
			maxPendingBytesBeforeLogin: 32 * 1024,
			maxErrorsPerMinute: 60,
			requestTimeoutMs: 10_000,
			maxConnections: 100,
			maxConnectionsPerIp: 0,
			maxConnectionsPerUser: 20,
			maxConnectionsPerSession: 1,
			maxUnauthenticated: 100,
			maxUnauthenticatedPerIp: 100,
			authTimeoutMs: 8_000,
			heartbeatIntervalMs: 30_000,
			idleTimeoutMs: 90_000,
			tokenGraceMs: 60_000,
			maxUnsentBytes: 1_000_000_000,
			...options.limits,
		};
		this.rates = new RateLimits({
			connection: OFF,
			user: OFF,
			ip: OFF,
			global: OFF,
			userBytes: OFF,
			userReplyBytes: OFF,
			connectsPerIp: OFF,
			faultsPerIp: OFF,
			control: OFF,
			receivedBytes: OFF,
			receivedBytesPerIp: OFF,
			protocols: {},
			...options.rates,
		});
		this.stats = new RequestStats({ logger, now, slowRequestMs: 500 });
		const contracts: readonly AnyRouteContract[] = options.contracts ?? Object.values(authRoutes);
		const module: HandlerModule<undefined> = {
			name: "test",
			routes: contracts.map((contract) => ({
				contract,
				handler: (request: object, call: Call) => options.handlers?.[contract.name]?.(request, call) ?? {},
			})),
		};
		const older = options.olderDialect === true ? [new EdgeJsonDialect(() => this.wallMs)] : [];
		const im = { now: () => this.wallMs, hasRooms: false, isAlone: false };
		const dialects = [...(options.imDialect === true ? [new ImJsonDialect(im)] : []), ...older, new JsonDialect(json)];
		const table = new RouteTable([bindModule(module, undefined)], [authorize(), decode(), validate()]);
		this.dispatcher = new Dispatcher({
			routes: new ServedRoutes(table),
			limits,
			rates: this.rates,
			observer: this.stats,
			json,
			dialects,
			now,
			newTraceId: () => "",
		});
		this.transport = new MemoryTransport({ maxBackpressureBytes: options.maxBackpressureBytes ?? 1_048_576 });
		this.pushes = new PushSender({ topics: this.transport, dialects, counters: this.counters });
		const channels = options.openChannels?.(this);
		this.connections = openConnections({
			hub: this.hub,
			counters: this.counters,
			rates: this.rates,
			pushes: this.pushes,
			channels: channels ?? NO_CHANNELS,
			dispatcher: this.dispatcher,
			dialects,
			presence: options.presence ?? [],
			listeners: channels === undefined ? [] : [channels],
			isOriginAllowed: originPolicy(options.allowedOrigins ?? ["*"]),
			permissionsOf: (roles) => new Set(roles),
			onPermissionsLost: (connection) => this.permissionsLost.push(connection.id),
			limits,
			now,
			clock: { now: () => this.wallMs, monotonic: now },
		});
		const http = httpService(() => ({ status: 404 }), 0);
		void this.transport.listen({ host: "", port: 0, shared: false }, { events: this.connections.events, http });
	}

	/** A connected client. */
	client(request: Partial<UpgradeRequest> = {}): FixtureClient {
		const socket = this.transport.client(request);
		const connection = [...this.hub.all()].at(-1) as Connection;
		return new FixtureClient(socket, connection);
	}

	/** A connected client that is logged in. */
	member(name: string, overrides: Partial<Identity> = {}): FixtureClient {
		const client = this.client();
		client.connection.authenticate(identityOf(name, overrides));
		return client;
	}

	/** Moves both clocks and runs the sweep. */
	advance(ms: number): void {
		this.nowMs += ms;
		this.wallMs += ms;
		this.connections.sweep.run();
	}

	/** Writes into `log`. */
	get quietLogger(): Logger {
		return this.logger();
	}

	private logger(): Logger {
		const write = (level: string) => (fields: object, message: string) => {
			this.log.push({ level, fields, message });
		};
		const logger: Logger = {
			debug: write("debug"),
			info: write("info"),
			warn: write("warn"),
			error: write("error"),
			fatal: write("fatal"),
			child: () => logger,
			isLevelEnabled: () => true,
		};
		return logger;
	}
}

export class FixtureClient {
	readonly socket: MemoryClient<Connection>;
	readonly connection: Connection;
	private readonly writer = new EnvelopeWriter();
	private nextSeq = 1;
	private taken = 0;

	constructor(socket: MemoryClient<Connection>, connection: Connection) {
		this.socket = socket;
		this.connection = connection;
	}

	/** Sends a request. @returns its seq. */
	send(contract: AnyRouteContract, request: object = {}, seq = this.nextSeq++): number {
		this.socket.sendToServer(this.writer.request(contract.number, seq, contract.request, request, ""));
		return seq;
	}

	/** Sends an envelope that no client library would. */
	sendRaw(envelope: { protocol?: number; seq?: number; body?: Uint8Array; traceId?: string }): void {
		this.socket.sendToServer(Envelope.encode(envelope).finish());
	}

	/** Sends a request and gives the reply that came at once. */
	ask(contract: AnyRouteContract, request: object = {}): Envelope {
		const seq = this.send(contract, request);
		const reply = this.take().find((envelope) => envelope.seq === seq);
		if (reply === undefined) throw new Error(`no reply to ${contract.name}`);
		return reply;
	}

	/** Binary frames that arrived since the last `take`, decoded. */
	take(): Envelope[] {
		const fresh = this.socket.received.slice(this.taken);
		this.taken = this.socket.received.length;
		return fresh.filter((frame) => typeof frame !== "string").map((frame) => Envelope.decode(frame as Uint8Array));
	}

	/** The code that the connection was closed with; undefined while it is open. */
	get closeCode(): number | undefined {
		return this.socket.closed?.code;
	}

	/** Text frames that arrived, parsed. */
	texts(): Record<string, unknown>[] {
		return this.socket.received
			.filter((frame) => typeof frame === "string")
			.map((frame) => JSON.parse(frame as string));
	}
}
