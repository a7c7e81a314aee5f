// Four floods at once beside clients, each from an address of its own: guesses of a client's password, connections,
// requests, and one user on many connections. Each is limited, and the clients' ledger is whole.
import { ErrorCode } from "../../../protocol/codes.ts";
import { authRoutes } from "../../../protocol/gen/schema.ts";
import type { GatewayProcess } from "../../../test/support/gateway.ts";
import { WireClient } from "../../../test/support/wire-client.ts";
import { metricsOf } from "../metrics.ts";
import type { Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, underLoad } from "../under-load.ts";

/** More than an address may open at once. */
const CONNECTIONS = 600;
const CONNECTIONS_BURST = 200;
const CONNECTIONS_AT_ONCE = 50;
const GUESSES = 60;
/** What the gateway is shipped with. */
const MAX_GUESSES = 10;
const REQUESTS = 3000;
const LOGINS = 30;
const MAX_CONNECTIONS_OF_USER = 20;
const MAX_GROWTH_MB = 150;
const PASSWORD = "a long password";

interface Flood {
	/** What got through. */
	readonly served: number;
	readonly limited: number;
}

export const floods: Scenario<"standalone"> = {
	name: "floods",
	title: "guesses, connections and requests without end",
	needs: {
		redis: "standalone",
		nodes: 2,
		// The burst as shipped is 2000 connections, which would be a bench of the machine.
		env: {
			FRAMEGATE_RATES_CONNECTS_PER_IP_BURST: String(CONNECTIONS_BURST),
			FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "20",
		},
	},
	steps: LOAD_STEPS,
	async run(context) {
		const [node] = context.nodes as readonly [GatewayProcess];
		const none = { served: 0, limited: 0 };
		let results: readonly [Flood, Flood, Flood, Flood] = [none, none, none, none];
		const trial = await underLoad(context, async (clients) => {
			const name = clients.all[0]?.name ?? "";
			results = await Promise.all([guess(node, name), open(node), ask(node), gather(node)]);
		});
		const [guesses, connections, requests, logins] = results;
		return evaluate(
			context,
			trial,
			[
				atLeast("guesses of a password limited", guesses.limited, GUESSES - MAX_GUESSES),
				atLeast("connections from one address refused", connections.limited, 1),
				atLeast("requests of one connection limited", requests.limited, 1),
				atMost("connections that one user was left with", logins.served, MAX_CONNECTIONS_OF_USER),
				atLeast("connections of one user that were closed", logins.limited, LOGINS - MAX_CONNECTIONS_OF_USER),
				atMost("health checks at which a node was not live", trial.watched.notLive, 0),
				atMost("growth of a node's memory in MB", trial.watched.rssGrowthMb, MAX_GROWTH_MB),
				atMost("gaps within the window", trial.figures.gaps, 0),
			],
			{
				guessesLimited: guesses.limited,
				connectionsRefused: connections.limited,
				requestsLimited: requests.limited,
				connectionsOfUser: logins.served,
			},
		);
	},
};

/** A client's password, from many connections. */
async function guess({ url }: GatewayProcess, username: string): Promise<Flood> {
	let served = 0;
	for (let guesses = 0; guesses < GUESSES; guesses++) {
		const client = await WireClient.open(url, { localAddress: "127.4.0.1" });
		const { code } = await client.ask(authRoutes.login, { username, password: `guess ${guesses}` });
		if (code !== ErrorCode.RATE_LIMITED) served++;
		client.socket.close();
	}
	return { served, limited: GUESSES - served };
}

/** As many connections as it gets; the gateway counts those that it refuses, some of them by an error reply. */
async function open(node: GatewayProcess): Promise<Flood> {
	const refusedConnections = async (): Promise<number> =>
		(await metricsOf(node)).get("framegate_connections_refused_total") ?? 0;
	const before = await refusedConnections();
	const clients: WireClient[] = [];
	for (let opened = 0; opened < CONNECTIONS; opened += CONNECTIONS_AT_ONCE) {
		const attempts = Array.from({ length: CONNECTIONS_AT_ONCE }, () =>
			WireClient.open(node.url, { localAddress: "127.4.0.2" }).then(
				(client) => clients.push(client),
				() => {},
			),
		);
		await Promise.all(attempts);
	}
	// The page of metrics is made once a second.
	let limited = 0;
	for (let looks = 0; looks < 30 && limited === 0; looks++) {
		await new Promise((resolve) => setTimeout(resolve, 100));
		limited = (await refusedConnections()) - before;
	}
	for (const client of clients) client.socket.terminate();
	return { served: CONNECTIONS - limited, limited };
}

/** As fast as one connection can. */
async function ask({ url }: GatewayProcess): Promise<Flood> {
	const client = await WireClient.open(url, { localAddress: "127.4.0.3" });
	await client.ask(authRoutes.register, { username: "flooder", password: PASSWORD });
	await client.login("flooder");
	const codes = await Promise.all(
		Array.from({ length: REQUESTS }, () =>
			client.ask(authRoutes.heartbeat, {}).then(
				({ code }) => code ?? ErrorCode.OK,
				// Closed for too many errors.
				() => ErrorCode.RATE_LIMITED,
			),
		),
	);
	client.socket.close();
	const served = codes.filter((code) => code === ErrorCode.OK).length;
	return { served, limited: REQUESTS - served };
}

/** One user, from one device after the other. */
async function gather({ url }: GatewayProcess): Promise<Flood> {
	const clients: WireClient[] = [];
	for (let logins = 0; logins < LOGINS; logins++) {
		const client = await WireClient.open(url, { localAddress: `127.4.1.${logins + 1}` });
		if (logins === 0) await client.ask(authRoutes.register, { username: "hydra", password: PASSWORD });
		await client.ask(authRoutes.login, { username: "hydra", password: PASSWORD, deviceId: `device-${logins}` });
		clients.push(client);
	}
	// One that was closed is closed when its last request could have been answered.
	const alive = await Promise.all(
		clients.map((client) =>
			client.ask(authRoutes.heartbeat, {}).then(
				({ code }) => (code ?? ErrorCode.OK) === ErrorCode.OK,
				() => false,
			),
		),
	);
	for (const client of clients) client.socket.close();
	const served = alive.filter(Boolean).length;
	return { served, limited: LOGINS - served };
}
