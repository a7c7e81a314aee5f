// The proof of the IM: two gateways, three brokers of Kafka, etcd of three members or a Nacos, and the logic service of the examples, all
// as processes; two clients on different gateways exchange messages while in turn a gateway, a broker, the logic service and the leader of
// etcd are killed. Prints the ledger; ends with 1 unless every acknowledged message came to both, once and in order, and the lag is 0.
//
// `npx node test/conformance/im-flow.ts [MESSAGES] [PER SECOND] [etcd|nacos]`; `nacos` builds r-nacos. `npm run conformance` does etcd, with
// fewer messages.
import process from "node:process";
import { exchange, type Fault } from "../support/im/im-exchange.ts";
import { type ImSite, startImSite } from "../support/im/im-site.ts";
import { fetchKafka, hasKafka } from "../support/kafka/artifacts.ts";
import { rnacosProgram, startRnacos } from "./rnacos.ts";

const [messages = "20000", perSecond = "1000", kind = "etcd"] = process.argv.slice(2);
const WITHIN_MS = 900_000;
/** Each has one message of each client in flight at most: 400 in all. */
const CONVERSATIONS = 200;

async function open(): Promise<{ site: ImSite; discoveryFault: Fault; close: () => Promise<void> }> {
	if (kind === "nacos") {
		const nacos = await startRnacos(await rnacosProgram());
		const site = await startImSite({ brokers: 3, nacos: `127.0.0.1:${nacos.port}` });
		return {
			site,
			discoveryFault: {
				name: "Nacos is killed, and comes back empty",
				run: async () => {
					await nacos.stop();
					await nacos.startEmpty();
				},
			},
			close: async () => {
				await site.stop();
				await nacos.stop();
			},
		};
	}
	const site = await startImSite({ brokers: 3, etcdMembers: 3 });
	const killLeader = async (): Promise<void> => {
		const leader = await site.etcd?.leader();
		await site.etcd?.kill(leader ?? 0);
		await site.etcd?.start(leader ?? 0);
	};
	return {
		site,
		discoveryFault: { name: "the leader of etcd is killed", run: killLeader },
		close: () => site.stop(),
	};
}

if (!hasKafka()) fetchKafka();
const { site, discoveryFault, close } = await open();
const timer = setTimeout(() => {
	process.stderr.write("the proof did not end in time\n");
	process.exit(1);
}, WITHIN_MS);
const restartBroker = async (): Promise<void> => {
	await site.kafka.brokers[1]?.kill();
	await site.kafka.brokers[1]?.restart();
};
const startedAtMs = performance.now();
const report = await exchange(site, {
	...{ messages: Number(messages), perSecond: Number(perSecond), conversations: CONVERSATIONS },
	onProgress: (line) => process.stderr.write(`${((performance.now() - startedAtMs) / 1000).toFixed(1)} s: ${line}\n`),
	faults: [
		{ name: "a gateway is killed", run: () => site.killGateway(1) },
		{ name: "a broker of three is killed", run: restartBroker },
		{ name: "the logic service is killed", run: () => site.killLogic() },
		discoveryFault,
	],
});
clearTimeout(timer);
await close();
const isProven = report.findings.length === 0;
process.stdout.write(`${JSON.stringify({ isProven, ...report }, undefined, "\t")}\n`);
process.exitCode = isProven ? 0 : 1;
