// Routes whose requests are written to topics of Kafka: the entries of the configuration joined with the uplink.
import { DeliveryStage, TopicRecordResponse, type TopicRecordResponseProperties } from "../../protocol/gen/schema.ts";
import type { RequestUplink } from "../../services/kafka/request-uplink.ts";
import type { ConfiguredRoute } from "../../upstreams/routes/configured-route.ts";
import type { RouteBackend } from "../../upstreams/routes/route-backend.ts";
import type { TopicRecordFacts } from "../../upstreams/routes/topic-routes.ts";
import type { Config } from "../config/config.ts";
import { isReservedName } from "./modules.ts";

/** Reads the files of the routes, and makes them. @throws Error that names the route or file which cannot be used. */
export type MakeTopicRoutes = (
	requests: RequestUplink | undefined,
	taken: readonly ConfiguredRoute[],
) => readonly ConfiguredRoute[];

/** Loads what parses files of routes, when there are routes. */
export async function openTopicRoutes({ upstreams }: Config): Promise<MakeTopicRoutes> {
	const entries = upstreams.topicRoutes;
	if (entries.length === 0) return () => [];
	const { topicRoutes } = await import("../../upstreams/routes/topic-routes.ts");
	return (requests, taken) => {
		if (requests === undefined) throw new Error("upstreams.topicRoutes: kafka.brokers is needed");
		for (const { name } of entries) {
			const [module = ""] = name.split(".", 1);
			if (isReservedName(module)) throw new Error(`upstreams.topicRoutes: the name ${module} belongs to the gateway`);
		}
		const backendOf = (facts: TopicRecordFacts) => topicBackend(facts, requests);
		return topicRoutes(entries, { taken, reply: TopicRecordResponse, backendOf });
	};
}

function topicBackend({ keyOf, ...destination }: TopicRecordFacts, requests: RequestUplink): RouteBackend {
	return {
		call: async (call) => {
			const recordId = await requests.send({ ...destination, key: keyOf(call) }, call);
			return { stage: DeliveryStage.PERSISTED, recordId } satisfies TopicRecordResponseProperties;
		},
	};
}
