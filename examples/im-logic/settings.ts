// What the environment says about the service.
import { hostname } from "node:os";
import process from "node:process";

const { env } = process;
const list = (name: string, byDefault = ""): string[] =>
	(env[name] ?? byDefault).split(",").filter((one) => one !== "");

export const settings = {
	/** Where its conversations are; a service that starts again needs them. */
	database: env["IM_LOGIC_DATABASE"] ?? "im-logic.db",
	/** Of the gateway: `chat.proto` and what it imports. */
	protoDirectory: env["IM_LOGIC_PROTO"] ?? new URL("../../protocol/proto", import.meta.url).pathname,
	brokers: list("KAFKA_BROKERS", "localhost:9092"),
	groupId: "im-logic",
	upstream: env["IM_LOGIC_UPSTREAM"] ?? "upstream",
	/** The topic that all gateways read; "": the one of the gateway that a message came from, by `downstreamPrefix`. */
	downstream: env["IM_LOGIC_DOWNSTREAM"] ?? "downstream",
	downstreamPrefix: env["IM_LOGIC_DOWNSTREAM_PREFIX"] ?? "downstream-",
	host: env["IM_LOGIC_HOST"] ?? "0.0.0.0",
	port: Number(env["IM_LOGIC_PORT"] ?? 9001),
	registration: {
		service: env["IM_LOGIC_SERVICE"] ?? "im-logic",
		/** Where gateways reach it. */
		address: env["IM_LOGIC_ADDRESS"] ?? hostname(),
		etcd: list("ETCD_ENDPOINTS"),
		etcdPrefix: env["ETCD_PREFIX"] ?? "/services",
		nacos: list("NACOS_SERVERS"),
	},
};
