// Options of discovery: the section `discovery` of the configuration. Nothing of it is loaded until a server is named.
import * as z from "zod";
import { field, flag, integer, milliseconds, optionalText, section, text } from "../../common/option-fields.ts";
import type { OptionsOf } from "../../common/options.ts";
import { SERVICE_NAME } from "./discovery-client.ts";
import { parseServerAddress } from "./server-address.ts";

export const ETCD_PORT = 2379;
export const NACOS_PORT = 8848;
const MAX_SERVERS = 16;
const MAX_METADATA = 48;

function addresses(defaultPort: number) {
	const address = z.string().superRefine((value, context) => {
		try {
			parseServerAddress(value, defaultPort);
		} catch (error) {
			context.addIssue({ code: "custom", message: (error as Error).message });
		}
	});
	return z.array(address).max(MAX_SERVERS).default([]);
}

const member = (name: string, what: string) =>
	field(z.string().max(64).default(name), { description: `Name of the member of the JSON object that holds ${what}.` });

const tlsFields = (server: string) => ({
	caFile: optionalText({
		description: `Certificates of authorities that sign ${server}'s, PEM; else those of the system. The files are read again on SIGHUP: new connections use them.`,
	}),
	certFile: optionalText({ description: `Certificate of the gateway towards ${server}, PEM, where it asks for one.` }),
	keyFile: optionalText({ description: "Private key of that certificate, PEM." }),
	serverName: optionalText({
		description: `Name that ${server}'s certificate holds, where it is not the host of the address.`,
	}),
});

const etcdSection = section({
	endpoints: field(addresses(ETCD_PORT), {
		description:
			"Members of the etcd cluster, `host:port` or `https://host:port`. None: etcd is not used, and nothing of it is loaded.",
		aliases: ["ETCD_ENDPOINTS"],
	}),
	username: optionalText({ description: "User of etcd, where it asks for one.", aliases: ["ETCD_USERNAME"] }),
	password: optionalText({ description: "Password of that user.", secret: true, aliases: ["ETCD_PASSWORD"] }),
	...tlsFields("etcd"),
	timeoutMs: milliseconds({
		description: "Longest wait for one member; then the next one is asked.",
		min: 10,
		max: 60_000,
		default: 3000,
	}),
	prefix: field(z.string().max(512).default("/services"), {
		description:
			"The record of a process is at `prefix/service/id`. Empty: `service/id`, as etcd's own gRPC resolver has it.",
	}),
	layout: section({
		id: member("id", "the id of the process. Empty leaves it out, as for the others"),
		name: member("name", "the name of the service"),
		host: field(z.string().min(1).max(64).default("address"), {
			description:
				"Name of the member that holds the host; with an empty `port`, it holds `host:port` (`Addr` of etcd's own resolver).",
		}),
		port: member("port", "the port"),
		weight: member("weight", "the weight"),
		metadata: member("metadata", "the metadata, an object of texts"),
	}),
	leaseMs: milliseconds({
		description:
			"Without a renewal for so long, etcd removes the gateway's record. It is renewed three times as often.",
		min: 2000,
		max: 600_000,
		default: 15_000,
	}),
	register: flag({ description: "Register the gateway in etcd.", default: true }),
});

const nacosSection = section({
	servers: field(addresses(NACOS_PORT), {
		description:
			"Servers of Nacos, `host:port` of their HTTP interface, or `https://host:port`. None: Nacos is not used, and nothing of it is loaded.",
		aliases: ["NACOS_SERVER_ADDR"],
	}),
	protocol: field(z.enum(["grpc", "http-v1", "http-v3"]).default("grpc"), {
		description:
			"grpc: of Nacos 2 and 3, on the port of HTTP + `grpcPortOffset`. http-v1: of Nacos 1 and 2, with beats. http-v3: of Nacos 3. Over HTTP, lists are polled.",
	}),
	namespace: text({ description: "Namespace.", default: "public", aliases: ["NACOS_NAMESPACE"] }),
	group: text({ description: "Group of services.", default: "DEFAULT_GROUP", aliases: ["NACOS_GROUP"] }),
	cluster: text({ description: "Cluster of Nacos that the gateway's instance belongs to.", default: "DEFAULT" }),
	username: optionalText({ description: "User of Nacos, where it asks for one.", aliases: ["NACOS_USERNAME"] }),
	password: optionalText({ description: "Password of that user.", secret: true, aliases: ["NACOS_PASSWORD"] }),
	...tlsFields("Nacos"),
	contextPath: field(
		z
			.string()
			.regex(/^(?:\/[A-Za-z0-9._~-]+)*$/, "expected a path such as /nacos")
			.default("/nacos"),
		{
			description: "Root path of the HTTP interface.",
		},
	),
	grpcPortOffset: integer({
		description: "What the port of gRPC has beyond that of HTTP.",
		min: -65_535,
		max: 65_535,
		default: 1000,
	}),
	timeoutMs: milliseconds({ description: "Longest wait for one request.", min: 10, max: 60_000, default: 3000 }),
	heartbeatMs: milliseconds({
		description: "Time between two beats over HTTP, or two health checks of the connection of gRPC.",
		min: 500,
		max: 600_000,
		default: 5000,
		aliasesInSeconds: ["NACOS_HEARTBEAT_INTERVAL"],
	}),
	deregisterMs: milliseconds({
		description:
			"Without a beat for so long, Nacos removes the gateway's instance (`preserved.ip.delete.timeout`). At least twice `heartbeatMs`.",
		min: 1000,
		max: 3_600_000,
		default: 30_000,
		aliasesInSeconds: ["NACOS_DEREGISTER_TIME"],
	}),
	pollMs: milliseconds({
		description: "Time between two reads of a list over HTTP; lists that are pushed are read ten times less often.",
		min: 100,
		max: 600_000,
		default: 5000,
	}),
	register: flag({ description: "Register the gateway in Nacos.", default: true }),
});

const registrationSection = section({
	service: field(z.string().regex(SERVICE_NAME, "expected letters, digits or ._:@-").default("framegate"), {
		description: "Name of the service that the gateway registers as.",
		aliases: ["NACOS_SERVICE_NAME"],
	}),
	id: field(z.string().regex(SERVICE_NAME, "expected letters, digits or ._:@-").optional(), {
		description: "Id of this process within the service, in etcd the last part of its key. `node.id` unless it is set.",
	}),
	host: optionalText({
		description:
			"Address or name at which others reach this gateway. Unless it is set, `server.host`; where that is any address, the one by " +
			"which this machine reaches the discovery server.",
		aliases: ["NACOS_SERVICE_IP"],
	}),
	port: integer({
		description: "Port at which others reach this gateway. 0: the port that it listens on.",
		min: 0,
		max: 65_535,
		default: 0,
		aliases: ["NACOS_SERVICE_PORT"],
	}),
	weight: field(z.number().min(0).max(10_000).default(1), { description: "Weight of this gateway among the others." }),
	metadata: field(
		z
			.record(z.string().min(1).max(128), z.string().max(1024))
			.refine((value) => Object.keys(value).length <= MAX_METADATA, `expected at most ${MAX_METADATA} entries`)
			.default({}),
		{ description: "Further facts about this gateway, for those who find it. `version` is added. Not for secrets." },
	),
});

export const discoverySection = section({
	etcd: etcdSection,
	nacos: nacosSection,
	registration: registrationSection,
	protection: section({
		minShare: field(z.number().min(0).max(1).default(0.5), {
			description:
				"A list of endpoints with less than this share of those in use is not taken at once: those that are missing stay in use for `holdMs`. 0 takes every list.",
		}),
		holdMs: milliseconds({
			description: "How long endpoints stay in use that such a list lacks.",
			min: 0,
			max: 86_400_000,
			default: 60_000,
		}),
	}),
	allowedNetworks: field(z.array(z.string().min(1).max(64)).max(1000).default([]), {
		description:
			"Addresses and CIDR ranges that endpoints may have; others, and names, are left out. Empty: any, but link-local and reserved ones.",
	}),
	maxEndpoints: integer({
		description: "Endpoints of one service; further ones are left out.",
		min: 1,
		max: 10_000,
		default: 1000,
	}),
	withdrawTimeoutMs: milliseconds({
		description: "How long a stopping gateway waits for its withdrawal; the record ends with its term otherwise.",
		min: 0,
		max: 4000,
		default: 2000,
	}),
});

export type DiscoveryOptions = OptionsOf<typeof discoverySection>;
