// The gateway as it is composed in production, with every service, on stores in memory and a simulated plant; users, a
// chat room, a game room and sessions are there to be named. Inputs go straight into it, without a network.
import { tmpdir } from "node:os";
import type { Logger } from "../../common/logger.ts";
import type { RouteContract } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import {
	authRoutes,
	chatRoutes,
	DataType,
	Envelope,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeModelRoutes,
	gameRoutes,
	MessageKind,
} from "../../protocol/gen/schema.ts";
import { createGateway, type Gateway } from "../../server/compose.ts";
import { loadConfig } from "../../server/config/load.ts";
import { PASSWORD } from "../support/wire-client.ts";
import { type FuzzSocket, FuzzTransport } from "./fuzz-transport.ts";
import type { Known } from "./sound-values.ts";

export const ROLES = ["user", "engineer", "admin", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** Each serves one connection of a batch. */
export const USERS = 64;
/** Stands in an input for the id of what its connection has selected, which nobody knows beforehand; as long as that. */
export const SELECTED = "5e1ec7ed-0000-4000-8000-000000000000";
/** Points of each channel that can be switched, by the simulated plant. */
const SWITCHES = 5;
const FIRST_CHANNEL = 1001;
const FIRST_SWITCH = 100;
/** Of the plant's alarms that stand for hours. */
const STANDING_SOURCE = "comsrv:1001:S:1";
const REQUESTS = /^framegate_requests_total\{route="([^"]*)",code="([^"]*)"\} (\d+)$/gm;
const MAX_ERRORS_LOGGED = 20;
const WITHIN_MS = 20_000;

const ENVIRONMENT: Readonly<Record<string, string>> = {
	FRAMEGATE_PROFILE: "test",
	FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "8",
	FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "1",
	FRAMEGATE_AUTH_SECRET: "a secret of these inputs, and of nothing else",
	FRAMEGATE_EDGE_SIMULATOR_ENABLED: "true",
	// A switch for each user.
	FRAMEGATE_EDGE_SIMULATOR_CHANNELS: String(Math.ceil(USERS / SWITCHES)),
	FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0",
	FRAMEGATE_RATES_USER_PER_SECOND: "0",
	FRAMEGATE_RATES_USER_BYTES_PER_SECOND: "0",
	FRAMEGATE_RATES_USER_REPLY_BYTES_PER_SECOND: "0",
	FRAMEGATE_RATES_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_RECEIVED_BYTES_PER_SECOND: "0",
	FRAMEGATE_RATES_RECEIVED_BYTES_PER_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_GLOBAL_PER_SECOND: "0",
	FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_FAULTS_PER_IP_PER_SECOND: "0",
	FRAMEGATE_LIMITS_MAX_BACKPRESSURE_BYTES: "262144",
};

export interface PlantOptions {
	readonly role: Role;
	/** Of one connection in a minute. */
	readonly maxErrors: number;
}

/** Requests to a route. */
export interface Answered {
	readonly requests: number;
	/** Those of them that were not refused. */
	readonly ok: number;
}

export class Plant {
	readonly transport: FuzzTransport;
	known: Known = {};
	/** What was logged as an error; it need not have been reported to any client. */
	readonly errors: string[];
	private readonly gateway: Gateway;
	private readonly writer = new EnvelopeWriter();
	private readonly accessTokens: (string | undefined)[] = [];

	private constructor(gateway: Gateway, transport: FuzzTransport, errors: string[]) {
		this.gateway = gateway;
		this.transport = transport;
		this.errors = errors;
	}

	static async open({ role, maxErrors }: PlantOptions): Promise<Plant> {
		const many = JSON.stringify({ points: 1_000_000, windowMs: 60_000 });
		const env: Record<string, string> = {
			...ENVIRONMENT,
			FRAMEGATE_AUTH_DEFAULT_ROLE: role,
			FRAMEGATE_LIMITS_MAX_ERRORS_PER_MINUTE: String(maxErrors),
		};
		const overrides = {
			auth: { attempts: Object.fromEntries(ATTEMPTS.map((name) => [name, JSON.parse(many)])) },
		};
		const config = loadConfig({ env, overrides, cwd: tmpdir(), nodeId: "fuzz" });
		const errors: string[] = [];
		let transport: FuzzTransport | undefined;
		const gateway = await createGateway(config, errorLogger(errors), {
			openTransport: ({ maxBackpressureBytes }) => {
				transport = new FuzzTransport(maxBackpressureBytes);
				return transport;
			},
		});
		await gateway.start();
		const plant = new Plant(gateway, transport as unknown as FuzzTransport, errors);
		plant.known = await plant.settle();
		return plant;
	}

	/** Sends a request and waits for its reply. @throws Error when it is refused. */
	async ask<Request, Properties, Reply, ReplyProperties>(
		socket: FuzzSocket,
		contract: RouteContract<Request, Properties, Reply, ReplyProperties>,
		request: Properties,
	): Promise<Reply> {
		const seq = 0xffff_0000;
		socket.sendToServer(this.writer.request(contract.number, seq, contract.request, request, ""));
		const deadlineMs = performance.now() + WITHIN_MS;
		for (;;) {
			for (const frame of socket.received.splice(0)) {
				const envelope = typeof frame === "string" ? undefined : Envelope.decode(frame);
				if (envelope?.seq !== seq) continue;
				if (envelope.error) throw new Error(`${contract.name}: ${envelope.error.message}`);
				return contract.reply.decode(envelope.body ?? new Uint8Array(0));
			}
			if (socket.closeCode !== undefined) throw new Error(`${contract.name}: closed with ${socket.closeCode}`);
			if (performance.now() > deadlineMs) throw new Error(`${contract.name} was not answered`);
			await turn();
		}
	}

	/** Makes a connection one of a user's, in the user's session as long as no input has ended it. */
	async join(socket: FuzzSocket, user: number): Promise<void> {
		const accessToken = this.accessTokens[user];
		if (accessToken !== undefined) {
			const accepted = await this.ask(socket, authRoutes.connect, { accessToken }).catch(() => undefined);
			if (accepted !== undefined) return;
		}
		const { tokens } = await this.login(socket, user);
		this.accessTokens[user] = tokens?.accessToken ?? "";
	}

	/** Selects the switch that is a user's own. @returns the id of the select; undefined where the user may not operate. */
	async select(socket: FuzzSocket, user: number): Promise<string | undefined> {
		const channel = FIRST_CHANNEL + Math.floor(user / SWITCHES);
		const target = { channel, dataType: DataType.CONTROL, pointId: FIRST_SWITCH + (user % SWITCHES) };
		// Another input may have selected it, or be about to write it.
		const selected = await this.ask(socket, edgeControlRoutes.selectPoint, { target, value: 1 }).catch(() => undefined);
		return selected?.selectId;
	}

	private async login(socket: FuzzSocket, user: number) {
		const account = { username: `member-${user}`, password: PASSWORD };
		try {
			return await this.ask(socket, authRoutes.login, account);
		} catch {
			// An input that knew the password has deleted the account.
			await this.ask(socket, authRoutes.register, account);
			return await this.ask(socket, authRoutes.login, account);
		}
	}

	/** A value of the gateway's metrics, all labels together. */
	async metric(name: string, label = ""): Promise<number> {
		const { body = "" } = await this.transport.get("/metrics");
		let sum = 0;
		for (const line of String(body).split("\n")) {
			if ((line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(label)) {
				sum += Number(line.slice(line.lastIndexOf(" ") + 1));
			}
		}
		return sum;
	}

	/** By the name of the route. */
	async answered(): Promise<Readonly<Record<string, Answered>>> {
		const { body = "" } = await this.transport.get("/metrics");
		const answered: Record<string, Answered> = {};
		for (const [, route = "", code, count] of String(body).matchAll(REQUESTS)) {
			const { requests, ok } = answered[route] ?? { requests: 0, ok: 0 };
			answered[route] = { requests: requests + Number(count), ok: ok + (code === "OK" ? Number(count) : 0) };
		}
		return answered;
	}

	async close(): Promise<void> {
		await this.gateway.close();
	}

	/** Makes what inputs can name. */
	private async settle(): Promise<Known> {
		const socket = this.transport.open();
		const userIds: string[] = [];
		for (let user = 0; user < USERS; user++) {
			const account = { username: `member-${user}`, password: PASSWORD };
			const { user: made } = await this.ask(socket, authRoutes.register, account);
			userIds.push(made?.id ?? "");
		}
		const { tokens } = await this.login(socket, 0);
		const members = { name: "room", memberIds: userIds.slice(1, 20) };
		const { room: chat } = await this.ask(socket, chatRoutes.createChatRoom, members);
		const content = { kind: MessageKind.TEXT, text: "hello" };
		const message = { roomId: chat?.id ?? "", clientMsgId: "first", content };
		const { messageId } = await this.ask(socket, chatRoutes.sendMessage, message);
		const { room: game } = await this.ask(socket, gameRoutes.createRoom, { name: "room", game: "relay", capacity: 16 });
		const models = await this.ask(socket, edgeModelRoutes.modelList, {}).catch(() => undefined);
		const rules = await this.ask(socket, edgeModelRoutes.ruleList, {}).catch(() => undefined);
		const alarms = await this.ask(socket, edgeAlarmRoutes.alarmList, {}).catch(() => undefined);
		const idOf = ({ alarmId }: { alarmId?: string }) => alarmId ?? "";
		const standing = alarms?.alarms?.filter(({ source }) => source === STANDING_SOURCE).map(idOf) ?? [];
		const passing = alarms?.alarms?.filter(({ source }) => source !== STANDING_SOURCE).map(idOf) ?? [];
		socket.leave();
		const rooms = [chat?.id ?? "", game?.id ?? ""];
		return {
			roomId: rooms,
			conversationId: rooms,
			userId: userIds,
			userIds,
			memberIds: userIds,
			targetUserId: userIds,
			blockUserIds: userIds,
			username: userIds.map((_, user) => `member-${user}`),
			password: [PASSWORD],
			accessToken: [tokens?.accessToken ?? ""],
			refreshToken: [tokens?.refreshToken ?? ""],
			messageId: [messageId ?? ""],
			replyToId: [messageId ?? ""],
			source: ["", "comsrv", "inst"],
			box: [""],
			modelId: [models?.models?.[0]?.id ?? "1"],
			ruleId: [rules?.rules?.[0]?.id ?? "1"],
			alarmId: [...passing, ...standing, "1"],
			// Of those that stand for long one may be cleared, so that the others can be acknowledged.
			"AlarmClearRequest.alarmId": [...passing, ...standing.slice(0, 1), "1"],
			selectId: [SELECTED],
			cursor: [""],
			email: ["a@example.org"],
		};
	}
}

const ATTEMPTS = [
	"loginPerAccount",
	"loginPerIp",
	"registerPerIp",
	"forgotPerAccount",
	"forgotPerIp",
	"resetCode",
	"resetCodePerIp",
] as const;

/** Lets everything that is due in the loop happen. */
export function turn(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

function errorLogger(errors: string[]): Logger {
	const nothing = () => {};
	const error = (fields: object, message: string) => {
		const { err, ...rest } = fields as { err?: unknown };
		const stack = err instanceof Error ? err.stack : String(err);
		if (errors.length < MAX_ERRORS_LOGGED) errors.push(`${message} ${JSON.stringify(rest)} ${stack}`);
	};
	const logger: Logger = {
		...{ debug: nothing, info: nothing, warn: nothing, error, fatal: error },
		child: () => logger,
		isLevelEnabled: (level) => level === "error" || level === "fatal",
	};
	return logger;
}
