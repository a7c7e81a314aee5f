// `npm run bench -- SCENARIO`: measures the built gateway against controls, in the same run, on the same machine.
import { writeFileSync } from "node:fs";
import { Argument, Command, InvalidArgumentError } from "commander";
import { endWithNpm } from "../test/support/tied-process.ts";
import { Fleet } from "./load/fleet.ts";
import { createProgress } from "./progress.ts";
import { jsonReport, table } from "./report.ts";
import { type Context, type Scenario, startSubject } from "./scenario.ts";
import { balancer } from "./scenarios/balancer/balancer.ts";
import { channels } from "./scenarios/channels.ts";
import { chat } from "./scenarios/chat.ts";
import { costs } from "./scenarios/costs/costs.ts";
import { fanout } from "./scenarios/fanout.ts";
import { gameRooms } from "./scenarios/game-rooms/game-rooms.ts";
import { heartbeat } from "./scenarios/heartbeat.ts";
import { http } from "./scenarios/http.ts";
import { identity } from "./scenarios/identity.ts";
import { idle } from "./scenarios/idle.ts";
import { modules, moduleThreads } from "./scenarios/modules/modules.ts";
import { openloop } from "./scenarios/openloop.ts";
import { scaling } from "./scenarios/scaling/scaling.ts";
import { storm } from "./scenarios/storm.ts";
import { telemetry } from "./scenarios/telemetry.ts";
import { tracing } from "./scenarios/tracing.ts";
import { upstream } from "./scenarios/upstream.ts";
import type { ServerProcess } from "./servers/server-process.ts";

const scenarios: readonly Scenario[] = [
	heartbeat,
	http,
	idle,
	storm,
	identity,
	openloop,
	fanout,
	channels,
	chat,
	telemetry,
	scaling,
	costs,
	modules,
	moduleThreads,
	gameRooms,
	upstream,
	balancer,
	tracing,
];

interface Options {
	readonly json?: string;
	readonly connections?: number;
	readonly seconds?: number;
	readonly rate?: number;
	readonly redis?: string;
	readonly full?: boolean;
}

function positive(text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new InvalidArgumentError("expected a positive number");
	return value;
}

function count(text: string): number {
	const value = positive(text);
	// One server takes a descriptor for each, and processes here may open 20,000 files.
	if (!Number.isInteger(value) || value > 18_000) throw new InvalidArgumentError("expected a whole number up to 18000");
	return value;
}

async function run(scenario: Scenario, options: Options): Promise<void> {
	const short = options.full ? undefined : scenario.short;
	const settings = {
		connections: options.connections ?? scenario.defaults.connections,
		seconds: options.seconds ?? short?.seconds ?? scenario.defaults.seconds,
		...(short && { isShort: true as const }),
		...(options.rate === undefined ? {} : { rate: options.rate }),
		...(options.redis === undefined ? {} : { redisUrl: options.redis }),
	};
	const running = new Set<ServerProcess>();
	const fleet = new Fleet();
	const progress = createProgress();
	const context: Context = {
		settings,
		fleet,
		progress,
		async start(subject, extra) {
			const server = await startSubject(subject, settings, extra);
			running.add(server);
			return server;
		},
		async stop(server) {
			running.delete(server);
			await server.stop();
		},
	};
	const cleanUp = async (): Promise<void> => {
		progress.end();
		fleet.end();
		await Promise.all([...running].map((server) => server.stop()));
	};
	for (const signal of ["SIGINT", "SIGTERM"] as const) {
		process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
	}
	try {
		progress.begin(scenario.steps(settings));
		const outcome = await scenario.run(context);
		progress.end();
		process.stdout.write(table(scenario, settings, outcome.rows));
		if (options.json !== undefined) writeFileSync(options.json, jsonReport(scenario, settings, outcome));
	} catch (error) {
		// What the clients of a server that ended say of it, such as "socket hang up", says nothing of why.
		for (const { ownEnd } of running) if (ownEnd !== undefined) console.error(ownEnd);
		throw error;
	} finally {
		await cleanUp();
	}
}

const names = scenarios.map((scenario) => scenario.name);
const program = new Command("bench")
	.description("Measures framegate against bare uWebSockets.js and others; see bench/README.md.")
	.addArgument(new Argument("scenario", "what to measure").choices(names))
	.option("--json <file>", "write every figure to a file")
	.option("--connections <n>", "clients", count)
	.option("--seconds <s>", "length of one measurement", positive)
	.option("--rate <n>", "messages a second, in fanout, chat and balancer", positive)
	.option("--full", "the long form of a scenario that has a short one: telemetry")
	.option("--redis <url>", "make the gateway use this Redis, which should be empty")
	.action(async (name: string, options: Options) => {
		const scenario = scenarios.find((one) => one.name === name);
		if (scenario !== undefined) await run(scenario, options);
	});

endWithNpm();
try {
	await program.parseAsync();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
