// The entry of a thread that runs one generation of a module. Loader and generation are those of the gateway's own thread; what the module
// does through its context goes over the port.
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { unavailable } from "../../../protocol/error.ts";
import { factsOf } from "../function-facts.ts";
import type { Generation } from "../generation.ts";
import { ModuleLoader } from "../module-loader.ts";
import type { ContextOptions, LoaderServices } from "../module-services.ts";
import { ModuleAccess } from "./access.ts";
import { pushOut, replyOut, requestIn } from "./message-bytes.ts";
import { PortCalls, remoteTarget } from "./port-calls.ts";
import { ThreadLog } from "./thread-logger.ts";
import type { GatewayTarget, LoadedFacts, LoadRequest, ThreadData, ThreadTarget } from "./thread-messages.ts";

/** Of a thread that waits for the gateway: further calls of its context are UNAVAILABLE. */
const MAX_PENDING = 10_000;
const RETRY_MS = 100;

if (parentPort === null) throw new Error("this runs in a thread");
const data = workerData as ThreadData;
let generation: Generation | undefined;
let callTimeoutMs = 0;
let contextOptions: ContextOptions | undefined;

function loaded(): Generation {
	if (generation === undefined) throw unavailable("the module", RETRY_MS);
	return generation;
}

const target: ThreadTarget = {
	async load({ bundle, number, origin, contextOptions: given }: LoadRequest): Promise<LoadedFacts> {
		contextOptions = given;
		calls.note("loading");
		const made = await loader.load(bundle, number, origin);
		generation = made;
		const { functions, pushes, hooks, metrics } = made.parts;
		return {
			functions: [...functions.values()].map(factsOf),
			pushes: [...pushes.values()].map(({ contract, definedAt }) => {
				return { number: contract.number, name: contract.name, definedAt };
			}),
			hooks: hooks.map(({ called, ...hook }) => {
				return { ...hook, called: { name: called.name, timeoutMs: called.timeoutMs, routeName: called.contract.name } };
			}),
			metrics,
			exportsState: made.exportState !== undefined,
			importsState: made.importState !== undefined,
		};
	},
	serve: () => loaded().serve(),
	run: (name, input, caller, timeoutMs) => {
		// Read in this turn.
		callTimeoutMs = timeoutMs;
		const called = loaded().parts.functions.get(name);
		// A hook.
		if (called === undefined) return loaded().run({ name }, input, caller);
		const reply = loaded().run({ name }, requestIn(called, input), caller);
		return reply instanceof Promise
			? reply.then((one) => replyOut(called, one) as object)
			: (replyOut(called, reply) as object);
	},
	exportState: () => loaded().exportState?.()[0],
	importState: (state) => loaded().importState?.([state]),
	retire: async (limits) => await generation?.retire(limits),
	abandon: async () => await generation?.abandon(),
	ping: (logLevel) => log.renew(logLevel),
};
const calls = new PortCalls(parentPort, {
	target,
	maxPending: MAX_PENDING,
	onFull: () => unavailable("the gateway", RETRY_MS),
	isUntrusted: true,
	// Nobody knows what waits for it: a thread of its own begins again.
	onLost: (error) => {
		throw error;
	},
});
const remote = remoteTarget<LoaderServices>(calls, "services");
const services: LoaderServices = Object.assign(Object.create(remote) as LoaderServices, {
	unicast: (userId, push, body) => remote.unicast(userId, push, pushOut(body)),
	broadcast: (push, body) => remote.broadcast(push, pushOut(body)),
} satisfies Partial<LoaderServices>);
const log = new ThreadLog({
	level: data.logLevel,
	send: (...line: Parameters<GatewayTarget["log"]>) => calls.note("log", ...line),
});
const access = new ModuleAccess(data.access, data.external);
const loader = new ModuleLoader({
	dir: data.dir,
	loadTimeoutMs: data.loadTimeoutMs,
	callTimeoutMs: () => callTimeoutMs,
	services,
	contextOptions: () => {
		if (contextOptions === undefined) throw unavailable("the module", RETRY_MS);
		return contextOptions;
	},
	guard: (require) => access.guard(require),
	send: access.sender(),
	logger: log.logger(),
	wall: Date.now,
});
access.restrictGlobals();
// As in the gateway's own thread: it says nothing about the state of the rest. What is thrown ends the thread.
process.on("unhandledRejection", (reason) => {
	log.logger().error({ err: reason }, "a promise of a module was rejected, and nothing waited for it");
});
