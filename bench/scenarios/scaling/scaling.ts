// How cost grows: with connections, with requests outstanding, with the subscribers of a room, and with a second node.
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../../scenario.ts";
import { showSummary, summary } from "../../scenario.ts";
import {
	type ConnectionsOutcome,
	type LoadPoint,
	SUBJECTS,
	scaleConnections,
	stepsOfConnections,
} from "./connections.ts";
import { type NodesPoint, STEPS_OF_NODES, scaleNodes } from "./nodes.ts";
import { type FanoutPoint, scaleSubscribers, stepsOfSubscribers } from "./subscribers.ts";

/** What `raw` of the JSON holds. */
export interface ScalingRaw {
	readonly memory: ConnectionsOutcome["memory"];
	readonly load: readonly LoadPoint[];
	readonly fanout: readonly FanoutPoint[];
	readonly nodes: readonly NodesPoint[];
}

/** One measurement of a server, at one x. */
interface Measured {
	readonly subject: Subject;
	readonly cpuUs: number;
}

interface Compared {
	/** In the table. */
	readonly what: string;
	/** In the JSON. */
	readonly name: string;
	readonly measured: readonly Measured[];
}

const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
const shown = (count: number): string => count.toLocaleString("en");

function comparedLoad(load: readonly LoadPoint[]): Compared[] {
	const keys = [...new Set(load.map(({ connections, outstanding }) => `${connections}/${outstanding}`))];
	return keys.map((key) => {
		const points = load.filter(({ connections, outstanding }) => `${connections}/${outstanding}` === key);
		const { connections = 0, outstanding = 0 } = points[0] ?? {};
		const suffix = outstanding === 1 ? `${connections}_connections` : `${outstanding}_outstanding`;
		return {
			what: `CPU per message (µs), ${shown(connections)} connections, ${outstanding} outstanding`,
			name: `cpu_per_message_${suffix}`,
			measured: points.map(({ subject, cpuUsPerMessage }) => ({ subject, cpuUs: cpuUsPerMessage })),
		};
	});
}

function comparedFanout(fanout: readonly FanoutPoint[]): Compared[] {
	return [...new Set(fanout.map(({ subscribers }) => subscribers))].map((count) => ({
		what: `CPU per delivery (µs), ${shown(count)} subscribers`,
		name: `cpu_per_delivery_${count}_subscribers`,
		measured: fanout
			.filter(({ subscribers }) => subscribers === count)
			.map(({ subject, cpuUsPerDelivery }) => ({ subject, cpuUs: cpuUsPerDelivery })),
	}));
}

function outcome(raw: ScalingRaw): Outcome {
	const rows: Row[] = [];
	const spread: Record<string, Summary> = {};
	for (const { what, name, measured } of [...comparedLoad(raw.load), ...comparedFanout(raw.fanout)]) {
		const of = (wanted: Subject): number[] =>
			measured.filter(({ subject }) => subject === wanted).map(({ cpuUs }) => cpuUs);
		const floor = of("uws");
		const ratio = summary(of("framegate").map((value, round) => value / (floor[round] as number)));
		spread[name] = ratio;
		const values = Object.fromEntries(SUBJECTS.map((subject) => [subject, showSummary(summary(of(subject)))]));
		rows.push({ what, values, result: showSummary(ratio) });
	}
	const cpuOn = (nodes: 1 | 2): number[] =>
		raw.nodes.filter((point) => point.nodes === nodes).map(({ cpuUsPerDelivery }) => cpuUsPerDelivery);
	const one = cpuOn(1);
	const two = summary(cpuOn(2).map((value, round) => value / (one[round] as number)));
	spread["cpu_per_delivery_two_nodes"] = two;
	const subscribers = shown(raw.nodes[0]?.subscribers ?? 0);
	rows.push(
		{
			what: `CPU per delivery (µs), ${subscribers} subscribers on one node of two`,
			values: { framegate: showSummary(summary(one)) },
		},
		{
			what: "the same, half of them on each node",
			values: { framegate: showSummary(summary(cpuOn(2))) },
			result: `${showSummary(two)} × one node`,
		},
		...memoryRows(raw.memory),
	);
	const ratio = Object.fromEntries(Object.entries(spread).map(([name, { median }]) => [name, median]));
	return { figures: { ratio, spread }, raw, rows };
}

function memoryRows(memory: ConnectionsOutcome["memory"]): Row[] {
	return [...new Set(memory.map(({ connections }) => connections))].map((count) => {
		const points = memory.filter(({ connections }) => connections === count);
		const values = points.map(({ subject, rssBytesPerConnection }) => [subject, kib(rssBytesPerConnection)] as const);
		return { what: `RSS per connection (KiB), ${shown(count)} connections`, values: Object.fromEntries(values) };
	});
}

export const scaling: Scenario = {
	name: "scaling",
	title: "how cost grows with connections, requests outstanding, subscribers and nodes",
	defaults: { connections: 18_000, seconds: 2 },
	steps: ({ connections }) => stepsOfConnections(connections) + stepsOfSubscribers(connections) + STEPS_OF_NODES,
	async run(context: Context) {
		const { memory, load } = await scaleConnections(context);
		const fanout = await scaleSubscribers(context);
		return outcome({ memory, load, fanout, nodes: await scaleNodes(context) });
	},
};
