// How much a run does: the long form, which the figures of a release come from, and the short one for every change.

export interface Plan {
	readonly rooms: number;
	readonly membersPerRoom: number;
	/** Sent by all clients together. */
	readonly messages: number;
	/** Over which they are sent, evenly. */
	readonly seconds: number;
	/** Publications that the gateway keeps of each channel: the recovery window. */
	readonly historySize: number;
	/** Between a client's reconnect and its next loss. */
	readonly meanDropMs: number;
	/** Between a loss and the first attempt to reconnect. */
	readonly meanAwayMs: number;
	readonly maxAwayMs: number;
	/** Clients kept disconnected for longer than the window, in the scenarios where no epoch ends. */
	readonly keptAway: number;
	/** For how long Redis or PostgreSQL is unavailable. */
	readonly outageMs: number;
	/** The same of Kafka. */
	readonly kafkaOutageMs: number;
	/** Over which a stopping node asks its clients to reconnect. */
	readonly drainWindowMs: number;
	/** From the last message until every client has every message. */
	readonly settleMs: number;
	/** For how long hostile clients attack, and how long it is calm before. */
	readonly attackSeconds: number;
	readonly calmSeconds: number;
	/**
	 * Whether what bystanders waited for is judged. The short form runs with every change, on machines that do other things as
	 * well: it shows the figures, and judges only what does not depend on time.
	 */
	readonly judgesLatency: boolean;
	/** What one point of the plots stands for. */
	readonly timelineStepMs: number;
}

export const longPlan: Plan = {
	rooms: 20,
	membersPerRoom: 10,
	messages: 20_000,
	seconds: 60,
	historySize: 200,
	meanDropMs: 2000,
	meanAwayMs: 200,
	maxAwayMs: 2000,
	keptAway: 5,
	outageMs: 10_000,
	kafkaOutageMs: 30_000,
	drainWindowMs: 10_000,
	settleMs: 60_000,
	attackSeconds: 60,
	calmSeconds: 15,
	judgesLatency: true,
	timelineStepMs: 500,
};

/** For hours of which nothing may be left over. Connections are lost less often, so that traffic is most of it. */
export function soakPlan(minutes: number): Plan {
	const seconds = minutes * 60;
	return {
		...longPlan,
		rooms: 6,
		seconds,
		messages: 100 * seconds,
		meanDropMs: 10_000,
		timelineStepMs: Math.max(1000, seconds * 5),
	};
}

export const shortPlan: Plan = {
	...longPlan,
	rooms: 6,
	messages: 2400,
	seconds: 6,
	maxAwayMs: 500,
	historySize: 150,
	keptAway: 2,
	outageMs: 3500,
	kafkaOutageMs: 5000,
	drainWindowMs: 1500,
	settleMs: 30_000,
	attackSeconds: 5,
	calmSeconds: 3,
	judgesLatency: false,
	timelineStepMs: 100,
};
