// Control as a small product, for tests: SQL, leases, boxes held in hand, clocks driven by hand.
import { v7 as uuidv7 } from "uuid";
import type { Identity } from "../../../../common/identity.ts";
import type { LeaseStore } from "../../../../messaging/lease.ts";
import { MemoryLeaseStore } from "../../../../messaging/lease-store-memory.ts";
import { unavailable } from "../../../../protocol/error.ts";
import { CommandStage, type ControlAckProperties, DataType } from "../../../../protocol/gen/schema.ts";
import type { Box } from "../../../../services/edge/boxes/box.ts";
import {
	type BoxCommand,
	type BoxCommands,
	type CommandFeedback,
	SendOutcome,
} from "../../../../services/edge/boxes/box-commands.ts";
import type { BoxModel, ValueRange } from "../../../../services/edge/boxes/box-models.ts";
import { KeyState, type PointReading } from "../../../../services/edge/boxes/box-points.ts";
import { Boxes } from "../../../../services/edge/boxes/boxes.ts";
import type { Operator } from "../../../../services/edge/control/audit.ts";
import { type ControlServices, Controls } from "../../../../services/edge/control/controls.ts";
import type { ControlOptions } from "../../../../services/edge/control/options.ts";
import { SqlAuditTrail } from "../../../../services/edge/control/store/audit-trail-sql.ts";
import { SqlCommandStore } from "../../../../services/edge/control/store/command-store-sql.ts";
import { EdgePolicy } from "../../../../services/edge/edge-policy.ts";
import { openDatabase } from "../../../../stores/sql/database.ts";
import { passDatabaseTime } from "../../../support/database-time.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";

const { CONTROL, ADJUSTMENT, ACTION, TELEMETRY, SIGNAL } = DataType;

/** A box whose commands, points and models a test holds in its hand. */
export class HeldBox implements BoxCommands {
	readonly sent: BoxCommand[] = [];
	readonly points = new Map<string, PointReading>();
	readonly known = new Map<string, CommandFeedback>();
	models: BoxModel[] = [];
	modelReads = 0;
	hasFeedback = true;
	isUp = true;
	/** Awaited by each send before it does anything. */
	beforeSend: () => Promise<void> = async () => {};
	outcome: SendOutcome = SendOutcome.SENT;
	private listener: (feedback: CommandFeedback) => void = () => {};

	async send(command: BoxCommand): Promise<SendOutcome> {
		await this.beforeSend();
		if (!this.isUp) throw unavailable("the box", 1);
		this.sent.push(command);
		return this.outcome;
	}

	async feedback(commandId: string): Promise<CommandFeedback | undefined> {
		return this.known.get(commandId);
	}

	onFeedback(listener: (feedback: CommandFeedback) => void): void {
		const before = this.listener;
		// A process each, in tests with several.
		this.listener = (feedback) => {
			before(feedback);
			listener(feedback);
		};
	}

	report(commandId: string, stage: CommandFeedback["stage"], fields: Partial<CommandFeedback> = {}): void {
		this.listener({ commandId, stage, actualValue: undefined, error: "", atMs: 0, ...fields });
	}

	show(type: DataType, pointId: number, value: number, sourceMs = 0, quality: 0 | 2 = 0): void {
		this.points.set(`${type}:${pointId}`, { pointId, value, quality, flags: 0, sourceMs });
	}

	/** A model that maps a point of channel 1001, with what may be written there. */
	limit(type: DataType, pointId: number, range: Partial<ValueRange> | undefined): void {
		const full = range && { min: undefined, max: undefined, step: undefined, ...range };
		const action = { name: `p${pointId}`, channel: 1001, pointId, type, range: full };
		const id = `m${this.models.length}`;
		this.models.push({ id, name: id, template: "t", properties: {}, measurements: [], actions: [action] });
	}
}

function boxOf(held: HeldBox): Box {
	return {
		name: "plant",
		sources: [{ family: "comsrv", types: [TELEMETRY, SIGNAL], writableTypes: [CONTROL, ADJUSTMENT, ACTION] }],
		get condition() {
			return { state: held.isUp ? "up" : "down", reason: "", sinceMs: 0 };
		},
		commands: held,
		points: {
			read: async (requests: Parameters<Box["points"]["read"]>[0]) =>
				requests.map(({ key }) => {
					const points = [...held.points].filter(([text]) => text.startsWith(`${key.type}:`)).map(([, point]) => point);
					return { key, state: KeyState.PRESENT, reason: "", points, writtenMs: 0, newestMs: 0 };
				}),
		},
		models: {
			ids: async () => {
				held.modelReads++;
				if (!held.isUp) throw unavailable("the box", 1);
				return held.models.map(({ id }) => id);
			},
			get: async (ids: readonly string[]) => ids.map((id) => held.models.find((model) => model.id === id)),
		},
	} as unknown as Box;
}

/** Keeps what is published; fails while `isDown`. */
export class AckLog {
	readonly acks: { readonly channel: string; readonly ack: ControlAckProperties }[] = [];
	isDown = false;

	async publish(channel: string, _push: unknown, message: unknown) {
		await new Promise((resolve) => setImmediate(resolve));
		if (this.isDown) throw unavailable("broker", 1);
		this.acks.push({ channel, ack: message as ControlAckProperties });
		return { offset: this.acks.length, epoch: "e" };
	}

	async joinUser() {}
	async removeUser() {}

	/** Stages published of a command, in order. */
	stages(id: string): string[] {
		return this.acks.filter(({ ack }) => ack.commandId === id).map(({ ack }) => nameOf(ack.stage ?? 0));
	}
}

export function nameOf(stage: CommandStage): string {
	return Object.entries(CommandStage).find(([, number]) => number === stage)?.[0] ?? String(stage);
}

let peers = 0;

/** Somebody over a connection of their own. */
export function operator(username: string, permissions: readonly string[] = ["edge.read", "edge.write"]) {
	const identity: Identity = {
		...{ sessionId: `s-${username}`, userId: `u-${username}`, username, deviceId: "", roles: [] },
		...{ permissions: new Set(permissions), expiresAtMs: Number.MAX_SAFE_INTEGER },
	};
	return { identity, peer: { id: ++peers, ip: "192.0.2.7", isOpen: true } } satisfies Operator;
}

/** The same person over another connection. */
export function elsewhere(who: Operator): Operator {
	return { identity: who.identity, peer: { ...who.peer, id: ++peers } };
}

export function target(pointId: number, dataType: DataType = CONTROL) {
	return { source: "", channel: 1001, dataType, pointId };
}

export interface ControlFixtureOptions {
	readonly url?: string;
	readonly leases?: LeaseStore;
}

/** Stores, a box, and as many processes as wanted. */
export async function controlFixture({ url = "sqlite::memory:", ...given }: ControlFixtureOptions = {}) {
	const clock = handClock();
	const logger = quietLogger();
	const database = openDatabase({ url }, logger);
	await database.migrate();
	const held = new HeldBox();
	const log = new AckLog();
	const audit = new SqlAuditTrail(database);
	const commands = new SqlCommandStore(database);
	const leases = given.leases ?? new MemoryLeaseStore(() => clock.monotonic());
	const nodes: Controls[] = [];
	const services: ControlServices = {
		...{
			boxes: new Boxes([boxOf(held)]),
			policy: new EdgePolicy(),
			leases,
			commands,
			audit,
			publisher: log,
			clock,
			logger,
			pauses: { isRecovering: false },
		},
	};
	return {
		...{ clock, logger, database, held, log, audit, commands, leases, services },
		node(options: Partial<ControlOptions> = {}, other: Partial<ControlServices> = {}): Controls {
			const node = new Controls({ ...services, ...other }, options);
			nodes.push(node);
			return node;
		},
		/** Time passes, for processes and for the database. */
		async pass(ms: number) {
			clock.advance(ms);
			await passDatabaseTime(database, ms);
		},
		/** Outcomes in the audit trail: all, or those of one command. */
		async outcomes(commandId?: string): Promise<string[]> {
			const entries = await audit.list({ sinceMs: 0, username: undefined, limit: 1000 });
			const some = entries.filter((entry) => commandId === undefined || entry.commandId === commandId);
			return some.map(({ operation, outcome }) => `${operation} ${outcome}`);
		},
		async close() {
			for (const node of nodes) await node.close();
			await database.close();
		},
	};
}

export type ControlFixture = Awaited<ReturnType<typeof controlFixture>>;

export function newId(): string {
	return `cmd_${uuidv7()}`;
}

/** Holds up what passes until it is opened. */
export function gate() {
	let open = () => {};
	let reach = () => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	const reached = new Promise<void>((resolve) => {
		reach = resolve;
	});
	const pass = () => {
		reach();
		return opened;
	};
	return { pass, reached, open: () => open() };
}
