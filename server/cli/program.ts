// The command line: which commands and options there are. What a command does is loaded when it is called, so that
// `start` does not wait for the others.
import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { describeFailure, exitCodes } from "./failure.ts";
import { keyRate, lifeTime } from "./key-flags.ts";
import { wholeNumber } from "./number-flag.ts";
import { addWebhooks } from "./webhook-program.ts";

/** How a command ended. */
export interface CommandEnd {
	/** 0 done, 1 failed, 2 wrong usage or configuration. */
	readonly exitCode: number;
	/** It was a gateway, whose output is its log. */
	readonly isServer: boolean;
}

type SetEnd = (end: CommandEnd) => void;

function addStart(program: Command, setEnd: SetEnd): void {
	program
		.command("start", { isDefault: true })
		.description("run the gateway (the default)")
		.option("--host <address>", "address to listen on")
		.option("--port <number>", "port to listen on")
		.option("--workers <number>", "processes that share the port")
		.option("--log-level <level>", "least severe level logged")
		// What is no command comes here, as this is the default.
		.allowExcessArguments()
		.action(async (_flags, command: Command) => {
			const [unknown] = command.args;
			if (unknown !== undefined) command.error(`error: unknown command '${unknown}' (see framegate --help)`);
			const { start } = await import("./start.ts");
			setEnd({ exitCode: await start(command.optsWithGlobals()), isServer: true });
		});
}

function addConfig(program: Command): void {
	program
		.command("config")
		.description("print the effective configuration, secrets hidden")
		.option("--check", "only check it")
		.option("--reference", "print the reference page of all keys")
		.action(async (_flags, command: Command) => {
			const { printConfig } = await import("./config-commands.ts");
			await printConfig(command.optsWithGlobals());
		});
	const keys = program.command("keys").description("signing keys");
	keys
		.command("generate")
		.description("make a signing key")
		.addOption(new Option("--algorithm <name>").choices(["HS256", "EdDSA"]).default("HS256"))
		.option("--out <file>", "write it to a new file that only you can read, instead of printing it")
		.action(async (flags) => {
			const { generateKey } = await import("./config-commands.ts");
			generateKey(flags);
		});
	program
		.command("routes")
		.description("list the protocol numbers that the gateway answers")
		.option("--json", "as JSON")
		.action(async (flags) => {
			const { printRoutes } = await import("./routes-command.ts");
			printRoutes(flags);
		});
}

function addUserChange(user: Command, name: "disable" | "enable", description: string): void {
	user
		.command(`${name} <username>`)
		.description(description)
		.action(async (username: string, _flags, command: Command) => {
			const { setUserStatus } = await import("./user-commands.ts");
			await setUserStatus(command.optsWithGlobals(), username, name === "disable" ? "disabled" : "active");
		});
}

/** The first administrator of a new installation. */
function addCreateAdmin(program: Command): void {
	program
		.command("create-admin <username>")
		.description("create an account that may do everything; asks for the password")
		.option("--email <address>", "where reset codes go")
		.option("--nickname <name>", "shown to others")
		.option("--password-stdin", "read the password from standard input")
		.option("--generate-password", "make a password up and print it")
		.action(async (username: string, _flags, command: Command) => {
			const { createAdministrator } = await import("./user-commands.ts");
			await createAdministrator(command.optsWithGlobals(), username);
		});
}

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];
/** Without a default, which would satisfy a required option. */
const collectRequired = (value: string, previous: readonly string[] | undefined): string[] => [
	...(previous ?? []),
	value,
];

function addKeys(program: Command): void {
	const key = program.command("key").description("API keys, with which backends call the gateway");
	key
		.command("create <name>")
		.description("make an API key, and print it: the only time that it is shown")
		.requiredOption("--permission <name>", "what it may do, may be repeated: server.publish, …, or *", collectRequired)
		.requiredOption(
			"--channel <prefix>",
			"channels that it may use, may be repeated: orders:, …, or *",
			collectRequired,
		)
		.option("--expires <time>", "how long it is good: 30m, 24h, 90d (default: until it is revoked)", lifeTime)
		.option("--rate <rate>", "request cost a second and at once, such as 200/400 (default: keys.perSecond)", keyRate)
		.option("--json", "as JSON")
		.action(async (name: string, _flags, command: Command) => {
			const { createApiKey } = await import("./key-commands.ts");
			await createApiKey(command.optsWithGlobals(), name);
		});
	key
		.command("list")
		.description("list the API keys of the database, without their secrets")
		.option("--json", "one JSON object a line")
		.action(async (_flags, command: Command) => {
			const { listApiKeys } = await import("./key-commands.ts");
			await listApiKeys(command.optsWithGlobals());
		});
	key
		.command("revoke <id>")
		.description("revoke an API key, and close its connections")
		.action(async (id: string, _flags, command: Command) => {
			const { revokeApiKey } = await import("./key-commands.ts");
			await revokeApiKey(command.optsWithGlobals(), id);
		});
}

function addUsers(program: Command): void {
	const user = program.command("user").description("accounts");
	user
		.command("create <username>")
		.description("create an account; asks for the password")
		.option("--role <role>", "a role, may be repeated (default: auth.defaultRole)", collect, [])
		.option("--email <address>", "where reset codes go")
		.option("--nickname <name>", "shown to others")
		.option("--password-stdin", "read the password from standard input")
		.option("--generate-password", "make a password up and print it")
		.action(async (username: string, _flags, command: Command) => {
			const { createUser } = await import("./user-commands.ts");
			await createUser(command.optsWithGlobals(), username);
		});
	user
		.command("list")
		.description("list the accounts")
		.option("--json", "one JSON object a line")
		.action(async (_flags, command: Command) => {
			const { listUsers } = await import("./user-commands.ts");
			await listUsers(command.optsWithGlobals());
		});
	addUserChange(user, "disable", "lock an account and end its sessions");
	addUserChange(user, "enable", "unlock an account");
	user
		.command("set-roles <username>")
		.description("replace the roles of an account")
		.requiredOption("--role <role>", "a role, may be repeated", collectRequired)
		.action(async (username: string, _flags, command: Command) => {
			const { setUserRoles } = await import("./user-commands.ts");
			await setUserRoles(command.optsWithGlobals(), username);
		});
	user
		.command("set-password <username>")
		.description("set the password of an account and end its sessions; asks for the password")
		.option("--password-stdin", "read the password from standard input")
		.option("--generate-password", "make a password up and print it")
		.action(async (username: string, _flags, command: Command) => {
			const { setUserPassword } = await import("./user-commands.ts");
			await setUserPassword(command.optsWithGlobals(), username);
		});
	user
		.command("delete <username>")
		.description("delete an account and end its sessions; running gateways erase what is stored of the user")
		.requiredOption("--yes", "really: it cannot be undone")
		.action(async (username: string, _flags, command: Command) => {
			const { deleteUser } = await import("./user-commands.ts");
			await deleteUser(command.optsWithGlobals(), username);
		});
	addCreateAdmin(program);
	addKeys(program);
	program
		.command("token <username>")
		.description("open a session for a user and print its access token, for tests")
		.option("--json", "print both tokens as JSON")
		.action(async (username: string, _flags, command: Command) => {
			const { issueToken } = await import("./user-commands.ts");
			await issueToken(command.optsWithGlobals(), username);
		});
	program
		.command("migrate")
		.alias("init-db")
		.description("bring the tables of the database up to date")
		.action(async (_flags, command: Command) => {
			const { migrate } = await import("./migrate-command.ts");
			await migrate(command.optsWithGlobals());
		});
}

/** A whole number within bounds. */
function addSimulate(program: Command): void {
	program
		.command("simulate")
		.description("fill a Redis as field services would, and carry out commands; for demonstrations")
		.requiredOption("--redis <url>", "the Redis of the box; what it holds under the same names is overwritten")
		.addOption(new Option("--dialect <name>", "how keys are named").choices(["v1", "v2"]).default("v1"))
		.option("--seed <number>", "the same seed gives the same values", wholeNumber(-(2 ** 31), 2 ** 31 - 1), 1)
		.option("--channels <number>", "channels, from 1001", wholeNumber(1, 1000), 5)
		.option(
			"--points <number>",
			"telemetry points of a channel; of the others it has fewer",
			wholeNumber(1, 10_000),
			20,
		)
		.option("--interval-ms <number>", "time between two rounds", wholeNumber(10, 3_600_000), 1000)
		.option("--count <number>", "rounds to write (default: until it is stopped)", wholeNumber(1, 1_000_000_000))
		.action(async (_flags, command: Command) => {
			const { simulate } = await import("./simulate-command.ts");
			await simulate(command.optsWithGlobals());
		});
}

function addHealth(program: Command): void {
	program
		.command("health")
		.description("ask the gateway on this machine how it is; ends with 1 when it is not well")
		.option("--ready", "whether it is ready: Redis, SQL and the boxes answer")
		.option("--port <number>", "where it listens, if that is not configured", wholeNumber(1, 65_535))
		.action(async (_flags, command: Command) => {
			const { printHealth } = await import("./health-command.ts");
			await printHealth(command.optsWithGlobals());
		});
}

function addProbe(program: Command, setEnd: SetEnd): void {
	program
		.command("probe <url>")
		.description(
			"use a gateway as clients do, over HTTP and WebSocket, and report each step as JSON; ends with 1 when one fails",
		)
		.option("--username <name>", "log in as this account; asks for its password (default: without a login)")
		.option("--password-stdin", "read the password from standard input")
		.option("--register", "make the account first; without --username, one with a name and a password made up")
		.option("--no-edge", "leave out what needs a field box and the permission edge.read")
		.option("--channel <number>", "the channel to subscribe to and to read", wholeNumber(0, 4_294_967_295), 1001)
		.option("--ack", "acknowledge the newest active alarm, which needs alarm.ack")
		.option("--timeout-ms <number>", "for all steps together", wholeNumber(100, 600_000), 15_000)
		.action(async (url: string, _flags, command: Command) => {
			const { runProbe } = await import("./probe-command.ts");
			setEnd({ exitCode: await runProbe(url, command.optsWithGlobals()), isServer: false });
		});
}

function addAudit(program: Command): void {
	program
		.command("audit")
		.description("list who did what to field equipment, and what became of it")
		.option("--since <time>", "a date (2026-01-31, 2026-01-31T08:00Z) or how long ago (30m, 24h, 7d)", "24h")
		.option("--user <username>", "only what this user did")
		.option("--limit <number>", "at most so many, the latest", "100")
		.option("--json", "one JSON object a line")
		.action(async (_flags, command: Command) => {
			const { listAudit } = await import("./audit-command.ts");
			await listAudit(command.optsWithGlobals());
		});
}

function addModules(program: Command): void {
	const module = program.command("module").description("your own code: modules in the folder modules.dir");
	const running = (name: string, description: string): Command =>
		module
			.command(name)
			.description(description)
			.option("--port <number>", "where the gateway listens, if that is not configured", wholeNumber(1, 65_535));
	module
		.command("new <name>")
		.description("write a module to start from")
		.action(async (name: string, _flags, command: Command) => {
			const { newModule } = await import("./module-commands.ts");
			await newModule(command.optsWithGlobals(), name);
		});
	module
		.command("check")
		.description("load every module as a gateway would, and say what is wrong; ends with 1 when something is")
		.action(async (_flags, command: Command) => {
			const { checkModules } = await import("./module-commands.ts");
			await checkModules(command.optsWithGlobals());
		});
	running("list", "list the modules that the gateway on this machine serves")
		.option("--json", "as JSON")
		.action(async (_flags, command: Command) => {
			const { listModules } = await import("./module-commands.ts");
			await listModules(command.optsWithGlobals());
		});
	running("reload", "have it load the modules that have changed; ends with 1 when one could not be loaded")
		.option("--accept-contract-changes", "also what clients in the field cannot call as before")
		.action(async (_flags, command: Command) => {
			const { reloadModules } = await import("./module-commands.ts");
			await reloadModules(command.optsWithGlobals());
		});
	running("canary <name>", "have it try the code that the files of a module have now, on a share of its users")
		.option("--share <share>", "of users, such as 0.05 or 5% (default: modules.canary.share)")
		.option("--calls <number>", "calls of all processes that are good enough for it to serve all", wholeNumber(0, 1e9))
		.option("--for-ms <number>", "time after which it serves all, or goes back", wholeNumber(0, 2_592_000_000))
		.action(async (name: string, _flags, command: Command) => {
			const { beginCanary } = await import("./module-commands.ts");
			await beginCanary(command.optsWithGlobals(), name);
		});
	running("promote <name>", "have the canary of a module serve all users").action(
		async (name: string, _flags, command: Command) => {
			const { promoteModule } = await import("./module-commands.ts");
			await promoteModule(command.optsWithGlobals(), name);
		},
	);
	running(
		"rollback <name> [digest]",
		"have it go back from a canary, or serve an earlier bundle of a module: the one before, or one by its digest",
	).action(async (name: string, digest: string | undefined, _flags, command: Command) => {
		const { rollBackModule } = await import("./module-commands.ts");
		await rollBackModule(command.optsWithGlobals(), name, digest);
	});
}

function createProgram(setEnd: SetEnd): Command {
	const program = new Command("framegate")
		.description(packageJson.description)
		.version(packageJson.version)
		.option("-c, --config <file>", "configuration file (default: framegate.yaml, if there is one)")
		.configureHelp({ showGlobalOptions: true })
		.exitOverride();
	addStart(program, setEnd);
	addHealth(program);
	addProbe(program, setEnd);
	addConfig(program);
	addUsers(program);
	addAudit(program);
	addModules(program);
	addWebhooks(program);
	addSimulate(program);
	return program;
}

/**
 * Runs one command.
 *
 * @param argv as in `process.argv`.
 */
export async function runCommandLine(argv: readonly string[]): Promise<CommandEnd> {
	let end: CommandEnd = { exitCode: exitCodes.ok, isServer: false };
	const program = createProgram((given) => {
		end = given;
	});
	try {
		await program.parseAsync([...argv]);
		return end;
	} catch (thrown) {
		// Commander has printed its message already; help and version end with 0.
		if (thrown instanceof CommanderError) {
			return { exitCode: thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage, isServer: false };
		}
		const { message, exitCode } = describeFailure(thrown);
		process.stderr.write(`framegate: ${message}\n`);
		return { exitCode, isServer: false };
	}
}
