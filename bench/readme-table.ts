// The README's table of figures, made of the baseline, so that nobody copies a figure by hand.
import type { Baseline } from "./compare.ts";
import { MESSAGES_PER_SECOND } from "./scenarios/openloop.ts";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

interface TableRow {
	readonly scenario: string;
	/** Of the baseline's result. */
	readonly figure: string;
	what(connections: string): string;
	readonly show: (median: number) => string;
	readonly budget?: string;
}

const ratio = (median: number): string => median.toFixed(2);
const bytes = (median: number): string => `+ ${(median / 1024).toFixed(1)} KiB`;
const shown = (count: number): string => count.toLocaleString("en");

const rows: readonly TableRow[] = [
	{
		scenario: "heartbeat",
		figure: "cpu_per_message_1",
		what: (connections) => `server CPU per message, 1 outstanding per connection, ${connections} connections`,
		show: ratio,
		budget: "1.3",
	},
	{
		scenario: "heartbeat",
		figure: "cpu_per_message_8",
		what: () => "the same, 8 outstanding",
		show: ratio,
		budget: "2.0",
	},
	{
		scenario: "storm",
		figure: "time_to_served",
		what: (connections) => `${connections} connects with a token, until all are served`,
		show: ratio,
		budget: "2.0",
	},
	{
		scenario: "openloop",
		figure: "p99",
		what: (connections) => `p99 at ${shown(MESSAGES_PER_SECOND)} messages a second over ${connections} connections`,
		show: ratio,
		budget: "1.5",
	},
	{
		scenario: "fanout",
		figure: "cpu_per_delivery",
		what: (connections) =>
			`server CPU per delivery, one publisher, ${connections} subscribers, against a bare \`publish\``,
		show: ratio,
		budget: "1.1",
	},
	{
		scenario: "telemetry",
		figure: "cpu_per_point",
		what: (connections) => `server CPU per delivered point, ${connections} clients, against a bare \`publish\``,
		show: ratio,
		budget: "1.5",
	},
	{
		scenario: "telemetry",
		figure: "cpu_per_point_with_silence",
		what: () => "the same, with what either server uses while its clients are silent",
		show: ratio,
	},
	{
		scenario: "chat",
		figure: "p99",
		what: (connections) => `p99 until a member has a message, rooms of 10, ${connections} connections, all talk`,
		show: ratio,
	},
	{
		scenario: "scaling",
		figure: "cpu_per_message_18000_connections",
		what: () => "server CPU per message, 1 outstanding per connection, 18,000 connections",
		show: ratio,
	},
	{
		scenario: "idle",
		figure: "rss_bytes_per_connection",
		what: (connections) => `memory per authenticated idle connection, ${connections} of them, a hundred to a session`,
		show: bytes,
		budget: "+ 4 KiB",
	},
	{
		scenario: "idle",
		figure: "rss_bytes_per_connection_with_own_session",
		what: () => "the same with a session, and the garbage of its login, for each",
		show: bytes,
	},
];

/**
 * The README with the table of this baseline between its two markers.
 *
 * @throws Error when the markers are not there, or the baseline has not every figure.
 */
export function withTable(readme: string, baseline: Baseline): string {
	const start = readme.indexOf(BEGIN);
	const end = readme.indexOf(END);
	if (start < 0 || end < start) throw new Error(`there is no ${BEGIN} … ${END}`);
	return `${readme.slice(0, start + BEGIN.length)}\n\n${readmeTable(baseline)}\n${readme.slice(end)}`;
}

function readmeTable(baseline: Baseline): string {
	const lines = rows.map(({ scenario, figure, what, show, budget = "" }) => {
		const result = baseline.results.find((one) => one.scenario === scenario);
		const measured = result?.figures[figure];
		if (result === undefined || measured === undefined) throw new Error(`the baseline has no ${figure} of ${scenario}`);
		const connections = shown(Number(result.settings["connections"]));
		return `| \`${scenario}\`: ${what(connections)} | ${show(measured.median)} | ${budget} |`;
	});
	return [
		"| scenario | framegate : bare uWebSockets.js | budget |",
		"|---|---|---|",
		...lines,
		"",
		`Measured at ${commitsOf(baseline)} on ${machinesOf(baseline)}; \`bench/baseline.json\` has the extremes of the rounds.`,
		"",
	].join("\n");
}

/** Scenarios are measured again one at a time, as what they measure changes. */
function commitsOf({ results }: Baseline): string {
	const commits = [...new Set(results.map(({ commit }) => commit))];
	if (commits.length === 1) return `commit \`${commits[0]}\``;
	const parts = commits.map((commit) => {
		const scenarios = results.filter((result) => result.commit === commit).map(({ scenario }) => scenario);
		return `\`${commit}\` (${scenarios.join(", ")})`;
	});
	return `commits ${parts.join(" and ")}`;
}

function machinesOf({ results }: Baseline): string {
	const machines = results.map(
		({ machine }) =>
			`${String(machine["cores"])} cores of ${String(machine["cpu"])} with Node ${String(machine["node"])}`,
	);
	return [...new Set(machines)].join("; ");
}
