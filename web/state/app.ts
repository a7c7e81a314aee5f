// The state of the pages and what a person can do with it. Components read its stores and call its methods; it knows no component.
import type { RouteDescription } from "../../protocol/description.ts";
import {
	CallError,
	type Phase,
	type Reply,
	type SentFrame,
	Session,
	type SessionEvent,
} from "../connection/session.ts";
import { isObject, type JsonObject, knownRoute, textOf } from "../protocol/catalog.ts";
import type { Dialect } from "../protocol/frames.ts";
import { type CallStorage, loadCalls, type SavedCall, storeCalls, withCall } from "./saved-calls.ts";
import { appended, Store } from "./store.ts";
import { type Telemetry, withFrame } from "./telemetry.ts";

export interface FrameEntry extends SentFrame {
	readonly id: number;
	/** Unix milliseconds. */
	readonly atMs: number;
	readonly dialect: Dialect;
}

export interface TimelineEntry {
	readonly id: number;
	/** Unix milliseconds. */
	readonly atMs: number;
	readonly event: SessionEvent;
}

export interface ConnectionState {
	readonly phase: Phase;
	readonly dialect: Dialect;
	/** "" before a login. */
	readonly user: string;
	readonly permissions: readonly string[];
}

export interface Credentials {
	readonly username: string;
	readonly password: string;
}

const MAX_FRAMES = 400;
const MAX_EVENTS = 300;

export class App {
	/** `ws://localhost:8080/ws` */
	readonly webSocketUrl: string;
	readonly connection = new Store<ConnectionState>({ phase: "idle", dialect: "protobuf", user: "", permissions: [] });
	readonly frames = new Store<readonly FrameEntry[]>([]);
	readonly timeline = new Store<readonly TimelineEntry[]>([]);
	readonly telemetry = new Store<Telemetry>(new Map());
	readonly saved: Store<readonly SavedCall[]>;
	private readonly storage: CallStorage;
	private session: Session | undefined;
	private ids = 0;
	private reconnects = true;

	constructor(webSocketUrl: string, storage: CallStorage) {
		this.webSocketUrl = webSocketUrl;
		this.storage = storage;
		this.saved = new Store(loadCalls(storage));
	}

	/** Opens a connection without a login. @throws CallError when it cannot be opened. */
	async connect(dialect: Dialect): Promise<void> {
		await this.begin(dialect).connect();
	}

	/** Opens a connection and logs in. @throws CallError when either fails. */
	async logIn(dialect: Dialect, credentials: Credentials): Promise<void> {
		if (dialect !== "ems") {
			await this.connect(dialect);
			await this.call(knownRoute("auth.login"), { ...credentials });
			return;
		}
		const token = await this.tokenFor(credentials);
		const session = this.begin("ems");
		session.useToken(token);
		await session.connect();
		this.connection.update((state) => ({ ...state, user: credentials.username }));
	}

	/** Registers an account and logs in. @throws CallError when one of it fails. */
	async register(dialect: Dialect, credentials: Credentials, nickname: string): Promise<void> {
		const body = { ...credentials, ...(nickname === "" ? {} : { nickname }) };
		await this.connect(dialect === "ems" ? "json" : dialect);
		await this.call(knownRoute("auth.register"), body);
		if (dialect === "ems") await this.logIn(dialect, credentials);
		else await this.call(knownRoute("auth.login"), { ...credentials });
	}

	/** @throws CallError without a connection, or when the reply has a code. */
	async call(route: RouteDescription, body: JsonObject): Promise<Reply> {
		if (this.session === undefined) throw new CallError("notConnected");
		const reply = await this.session.call(route, body);
		if (route.name === "auth.logout") this.connection.update((state) => ({ ...state, user: "", permissions: [] }));
		const { session, user } = isObject(reply.content.body) ? reply.content.body : {};
		if (isObject(session)) {
			const username = isObject(user) ? textOf(user["username"]) : "";
			const { permissions } = session;
			const granted = Array.isArray(permissions) ? permissions.map((permission) => textOf(permission)) : [];
			this.connection.update((state) => ({ ...state, user: username, permissions: granted }));
		}
		return reply;
	}

	/** Sends text as it is. @returns false without a connection. */
	sendText(text: string): boolean {
		return this.session?.send(text) ?? false;
	}

	/** Opens the connection again that was closed, and resumes its session. @throws CallError when it cannot be opened. */
	async connectAgain(): Promise<void> {
		if (this.session === undefined) throw new CallError("notConnected");
		await this.session.connect();
	}

	disconnect(): void {
		this.session?.close();
	}

	drop(): void {
		this.session?.drop();
	}

	setReconnects(reconnects: boolean): void {
		this.reconnects = reconnects;
		if (this.session !== undefined) this.session.reconnects = reconnects;
	}

	clearFrames(): void {
		this.frames.set([]);
	}

	saveCall(call: SavedCall): void {
		this.saved.update((calls) => withCall(calls, call));
		storeCalls(this.storage, this.saved.value);
	}

	removeCall(name: string): void {
		this.saved.update((calls) => calls.filter((call) => call.name !== name));
		storeCalls(this.storage, this.saved.value);
	}

	private async tokenFor(credentials: Credentials): Promise<string> {
		const session = this.begin("json");
		await session.connect();
		const { content } = await session.call(knownRoute("auth.login"), { ...credentials });
		const { tokens } = isObject(content.body) ? content.body : {};
		return isObject(tokens) ? textOf(tokens["accessToken"]) : "";
	}

	/** Ends the connection that there was. What is reported of it later is not shown. */
	private begin(dialect: Dialect): Session {
		this.session?.close();
		this.connection.set({ phase: "idle", dialect, user: "", permissions: [] });
		this.telemetry.set(new Map());
		const session: Session = new Session(this.webSocketUrl, dialect, {
			onPhase: (phase) => {
				if (session === this.session) this.connection.update((state) => ({ ...state, phase }));
			},
			onFrame: (frame) => this.onFrame(frame, dialect),
			onEvent: (event) => {
				if (session === this.session) this.onEvent(event);
			},
		});
		session.reconnects = this.reconnects;
		this.session = session;
		return session;
	}

	private onFrame(frame: SentFrame, dialect: Dialect): void {
		const entry = { ...frame, id: ++this.ids, atMs: Date.now(), dialect };
		this.frames.update((frames) => appended(frames, entry, MAX_FRAMES));
		const { content } = frame;
		if (frame.direction === "in" && content !== undefined) {
			this.telemetry.update((telemetry) => withFrame(telemetry, content));
		}
	}

	private onEvent(event: SessionEvent): void {
		const entry = { id: ++this.ids, atMs: Date.now(), event };
		this.timeline.update((entries) => appended(entries, entry, MAX_EVENTS));
	}
}
