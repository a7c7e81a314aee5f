// The worker's end of the line to its supervisor.
import process from "node:process";
import type { DrainMessage, ListeningMessage } from "./worker-process.ts";

/** What a worker needs of its supervisor. */
export interface WorkerLink {
	/** Tells the supervisor that this worker serves. */
	reportListening(): void;
	/** Called when the supervisor wants this worker to finish. */
	onDrain(listener: () => void): void;
	/** Called when the supervisor is gone; nobody would restart or stop this worker any more. */
	onSupervisorGone(listener: () => void): void;
}

function isDrain(message: unknown): message is DrainMessage {
	return typeof message === "object" && message !== null && (message as { type?: unknown }).type === "drain";
}

/** Connects this process to the supervisor that forked it. @throws Error when none did. */
export function connectToSupervisor(): WorkerLink {
	if (process.send === undefined) throw new Error("FRAMEGATE_WORKER is set, but no supervisor started this process");
	return {
		reportListening() {
			const message: ListeningMessage = { type: "listening" };
			// A supervisor that is gone shows as a disconnect.
			process.send?.(message, undefined, undefined, () => {});
		},
		onDrain(listener) {
			process.on("message", (message) => {
				if (isDrain(message)) listener();
			});
		},
		onSupervisorGone(listener) {
			if (process.connected) process.once("disconnect", listener);
			else listener();
		},
	};
}
