// The worker's side of the message channel to its supervisor.
import process from "node:process";
import type { SupervisorMessage, WorkerMessage } from "./worker-process.ts";

/** What a worker needs of its supervisor. */
export interface WorkerLink {
	/** Reports to the supervisor that this worker listens. */
	reportListening(): void;
	/** Reports how long the supervisor has to wait when this worker drains; again when that has changed. */
	reportDrainLimit(limitMs: number): void;
	/** What to do when the supervisor wants this worker to finish, or to read its configuration again. */
	onMessage(listeners: Record<SupervisorMessage["type"], () => void>): void;
	/** Called when the supervisor is gone; nobody would restart or stop this worker any more. */
	onSupervisorGone(listener: () => void): void;
}

function isMessage(message: unknown, type: SupervisorMessage["type"]): boolean {
	return typeof message === "object" && message !== null && (message as { type?: unknown }).type === type;
}

/** Connects this process to the supervisor that forked it. @throws Error when none did. */
export function connectToSupervisor(): WorkerLink {
	if (process.send === undefined) throw new Error("FRAMEGATE_WORKER is set, but no supervisor started this process");
	const send = (message: WorkerMessage): void => {
		// A supervisor that is gone shows as a disconnect.
		if (process.connected) process.send?.(message, undefined, undefined, () => {});
	};
	return {
		reportListening: () => send({ type: "listening" }),
		reportDrainLimit: (limitMs) => send({ type: "drain-limit", limitMs }),
		// Messages that arrive before anyone listens wait in the channel.
		onMessage(listeners) {
			process.on("message", (message) => {
				if (isMessage(message, "drain")) listeners.drain();
				else if (isMessage(message, "reload")) listeners.reload();
			});
		},
		onSupervisorGone(listener) {
			if (process.connected) process.once("disconnect", listener);
			else listener();
		},
	};
}
