// One worker as its supervisor sees it: a child process that reports when it listens and how long it may take to drain, and that
// exits at some time.
import type { ChildProcess } from "node:child_process";

/** The messages of a worker to its supervisor. */
export type WorkerMessage =
	| { readonly type: "listening" }
	/** How long to wait when it drains, by the configuration that it has now. */
	| { readonly type: "drain-limit"; readonly limitMs: number };

/**
 * The message of a supervisor to its worker. Messages rather than signals: a terminal sends signals to the whole
 * process group, and a signal would end a worker that has just started.
 */
export interface SupervisorMessage {
	readonly type: "drain" | "reload";
}

/** How a process ended. */
export interface Exit {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

function isOf<Type extends WorkerMessage["type"]>(
	message: unknown,
	type: Type,
): message is Extract<WorkerMessage, { readonly type: Type }> {
	return typeof message === "object" && message !== null && (message as { type?: unknown }).type === type;
}

export class WorkerProcess {
	readonly name: string;
	/** True once it listens, false if it ended before. */
	readonly listening: Promise<boolean>;
	readonly exited: Promise<Exit>;
	readonly #child: ChildProcess;
	#listeningSinceMs: number | undefined;
	#drainLimitMs: number | undefined;

	/** @param onListening - called when it says that it listens, also when it has ended by then. */
	constructor(name: string, child: ChildProcess, onListening: () => void = () => {}) {
		this.name = name;
		this.#child = child;
		this.exited = new Promise((resolve) => {
			child.once("exit", (code, signal) => resolve({ code, signal }));
			// A process that could not be started has no exit; one that could not be signalled has one yet to come.
			child.on("error", () => {
				if (child.pid === undefined) resolve({ code: null, signal: null });
			});
		});
		this.listening = new Promise((resolve) => {
			child.on("message", (message) => {
				if (isOf(message, "drain-limit")) this.#drainLimitMs = message.limitMs;
				if (!isOf(message, "listening")) return;
				this.#listeningSinceMs ??= performance.now();
				onListening();
				resolve(true);
			});
			void this.exited.then(() => resolve(false));
		});
	}

	get pid(): number | undefined {
		return this.#child.pid;
	}

	/** For how long it has been serving. */
	get listeningForMs(): number {
		return this.#listeningSinceMs === undefined ? 0 : performance.now() - this.#listeningSinceMs;
	}

	/** Ends it at once. */
	kill(): void {
		this.#child.kill("SIGKILL");
	}

	/** Asks it to read its configuration again. */
	reload(): void {
		this.#send({ type: "reload" });
	}

	/** Lets it finish what it does; kills it when it has not ended after `limitMs`, or the limit that it has reported itself. */
	async drain(limitMs: number): Promise<Exit> {
		this.#send({ type: "drain" });
		const timer = setTimeout(() => this.kill(), this.#drainLimitMs ?? limitMs);
		try {
			return await this.exited;
		} finally {
			clearTimeout(timer);
		}
	}

	#send(message: SupervisorMessage): void {
		// Without a channel, or when it closes during the send, the process is ending by itself; `exited` reports it.
		if (this.#child.connected) this.#child.send(message, () => {});
	}
}
