// The plots of the bench report: for each scenario the points that its JSON holds, round by round made into medians.
import type { ResultFile } from "../report-files.ts";
import type { Subject } from "../scenario.ts";
import { subjectTitles, summary } from "../scenario.ts";
import type { ScalingRaw } from "../scenarios/scaling/scaling.ts";
import type { PlotSection, Series } from "./page.ts";

type Point = readonly [x: number, y: number];

/** What is plotted of the scenarios that keep percentile curves. */
interface CurveRound {
	readonly subject: Subject;
	readonly curve: readonly Point[];
}

interface ChatRaw {
	readonly rounds: readonly (readonly CurveRound[])[];
	readonly pairs: readonly { readonly calm: CurveRound; readonly stalled: CurveRound }[];
}

interface TelemetryRound {
	readonly lane: "framegate" | "uws";
	readonly clients: number;
	readonly cpuUsPerPoint: number;
	readonly commandsPerSecond: number;
}

interface TelemetryRaw {
	readonly one: { readonly measurement: TelemetryRound };
	readonly some: { readonly measurement: TelemetryRound };
	readonly rounds: readonly TelemetryRound[];
}

const MEBIBYTE = 1024 * 1024;
const PERCENTILE = { label: "percentile", scale: "percentile" } as const;
const LATENCY = { label: "latency (ms)", scale: "log" } as const;
const ROUNDS_NOTE = "Median of the rounds.";

/** Plots of one result; none for scenarios without a curve to them. */
export function plotsOf(result: ResultFile): PlotSection[] {
	switch (result.scenario) {
		case "openloop":
			return [openloopPlot(result.raw as CurveRound[])];
		case "chat":
			return chatPlots(result.raw as ChatRaw);
		case "scaling":
			return scalingPlots(result.raw as ScalingRaw);
		case "telemetry":
			return telemetryPlots(result.raw as TelemetryRaw);
		default:
			return [];
	}
}

/** By rising x, the median of all y that have it. */
function medians(points: readonly Point[]): Point[] {
	const byX = new Map<number, number[]>();
	for (const [x, y] of points) byX.set(x, [...(byX.get(x) ?? []), y]);
	return [...byX].map(([x, ys]): Point => [x, summary(ys).median]).sort(([a], [b]) => a - b);
}

/** Percentiles of each round in milliseconds, and of them the medians. */
function curveOf(name: string, rounds: readonly CurveRound[]): Series {
	return { name, points: medians(rounds.flatMap(({ curve }) => curve.map(([at, us]): Point => [at, us / 1000]))) };
}

/** In the same order whichever was measured first, so that a colour means the same server in every plot. */
function subjectsOf(rounds: readonly { readonly subject: Subject }[]): Subject[] {
	const measured = new Set(rounds.map(({ subject }) => subject));
	return (Object.keys(subjectTitles) as Subject[]).filter((subject) => measured.has(subject));
}

function curvesBySubject(rounds: readonly CurveRound[]): Series[] {
	return subjectsOf(rounds).map((subject) =>
		curveOf(
			subjectTitles[subject],
			rounds.filter((round) => round.subject === subject),
		),
	);
}

function openloopPlot(rounds: readonly CurveRound[]): PlotSection {
	const title = "Latency at a fixed rate (openloop)";
	const note = `From when a message was meant to be sent until its reply. ${ROUNDS_NOTE}`;
	return { kind: "plot", title, note, x: PERCENTILE, y: LATENCY, series: curvesBySubject(rounds) };
}

function chatPlots({ rounds, pairs }: ChatRaw): PlotSection[] {
	const axes = { kind: "plot", x: PERCENTILE, y: LATENCY } as const;
	return [
		{
			...axes,
			title: "Latency of chat rooms (chat)",
			note: `From when a message was meant to be sent until a member has it. ${ROUNDS_NOTE}`,
			series: curvesBySubject(rounds.flat()),
		},
		{
			...axes,
			title: "Latency of chat rooms beside readers that stall (chat)",
			note: `framegate, at the lower rate; of the others in the room. ${ROUNDS_NOTE}`,
			series: [
				curveOf(
					"one more reader in each room",
					pairs.map(({ calm }) => calm),
				),
				curveOf(
					"that reader stalled",
					pairs.map(({ stalled }) => stalled),
				),
			],
		},
	];
}

/** A series for each server, of what `point` makes of each measurement. */
function seriesOf<T extends { readonly subject: Subject }>(measured: readonly T[], point: (one: T) => Point): Series[] {
	return subjectsOf(measured).map((subject) => ({
		name: subjectTitles[subject],
		points: medians(measured.filter((one) => one.subject === subject).map(point)),
	}));
}

function scalingPlots({ memory, load, fanout, nodes }: ScalingRaw): PlotSection[] {
	const connections = { label: "connections", scale: "log" } as const;
	const perMessage = { label: "server CPU per message (µs)" };
	const deep = load.filter((point) => load.some((other) => isDeeper(other, point)));
	return [
		{
			kind: "plot",
			title: "CPU per message against connections (scaling)",
			x: connections,
			y: perMessage,
			note: `Heartbeats, one outstanding on each connection. ${ROUNDS_NOTE}`,
			series: seriesOf(
				load.filter(({ outstanding }) => outstanding === 1),
				(one) => [one.connections, one.cpuUsPerMessage],
			),
		},
		{
			kind: "plot",
			title: "CPU per message against pipeline depth (scaling)",
			y: perMessage,
			note: `Heartbeats over ${(deep[0]?.connections ?? 0).toLocaleString("en")} connections. ${ROUNDS_NOTE}`,
			x: { label: "requests outstanding on each connection", scale: "log" },
			series: seriesOf(deep, (one) => [one.outstanding, one.cpuUsPerMessage]),
		},
		{
			kind: "plot",
			title: "Memory against connections (scaling)",
			x: connections,
			note: "Resident memory of the whole server; connections are authenticated, and idle.",
			y: { label: "RSS (MiB)" },
			series: seriesOf(memory, (one) => [one.connections, one.rssBytes / MEBIBYTE]),
		},
		{
			kind: "plot",
			title: "Memory per connection (scaling)",
			x: connections,
			note: "What is more than without connections, spread over them: the first ones bring code and heap with them.",
			y: { label: "RSS per connection (KiB)" },
			series: seriesOf(memory, (one) => [one.connections, one.rssBytesPerConnection / 1024]),
		},
		{
			kind: "plot",
			title: "CPU per delivery against subscribers of a room (scaling)",
			note: `The same deliveries a second in each; what a message itself costs is spread over them. ${ROUNDS_NOTE}`,
			x: { label: "subscribers", scale: "log" },
			y: { label: "server CPU per delivery (µs)" },
			series: seriesOf(fanout, (one) => [one.subscribers, one.cpuUsPerDelivery]),
		},
		{
			kind: "plot",
			title: "CPU per delivery against nodes that a room is spread over (scaling)",
			note: `${(nodes[0]?.subscribers ?? 0).toLocaleString("en")} subscribers; CPU of both nodes together. ${ROUNDS_NOTE}`,
			x: { label: "nodes with subscribers", scale: "log" },
			y: { label: "server CPU per delivery (µs)" },
			series: [{ name: "framegate", points: medians(nodes.map((one) => [one.nodes, one.cpuUsPerDelivery])) }],
		},
	];
}

function isDeeper(
	other: { readonly connections: number; readonly outstanding: number },
	point: { readonly connections: number },
): boolean {
	return other.connections === point.connections && other.outstanding > 1;
}

function telemetryPlots({ one, some, rounds }: TelemetryRaw): PlotSection[] {
	const own = [one.measurement, some.measurement, ...rounds.filter(({ lane }) => lane === "framegate")];
	const floor = rounds.filter(({ lane }) => lane === "uws");
	const clients = { label: "clients", scale: "log" } as const;
	const perPoint = (measured: readonly TelemetryRound[]): Point[] =>
		medians(measured.map((round) => [round.clients, round.cpuUsPerPoint * 1000]));
	return [
		{
			kind: "plot",
			title: "CPU per delivered point against clients (telemetry)",
			x: clients,
			note: `Reading and encoding is spread over all clients. ${ROUNDS_NOTE}`,
			y: { label: "server CPU per point (ns)", scale: "log" },
			series: [
				{ name: subjectTitles.framegate, points: perPoint(own) },
				{ name: subjectTitles.uws, points: perPoint(floor) },
			],
		},
		{
			kind: "plot",
			title: "Redis commands against clients (telemetry)",
			x: clients,
			note: "What the gateway asks of the box, which should not grow with its clients.",
			y: { label: "commands a second" },
			series: [
				{
					name: subjectTitles.framegate,
					points: medians(own.map((round) => [round.clients, round.commandsPerSecond])),
				},
			],
		},
	];
}
