// Rules over more than one key. Each says under which key it is reported and what other keys it reads,
// so that no rule is reported for a value that is wrong already.
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { checkAddresses, uncheckedAddresses } from "./addresses.ts";
import type { Config } from "./config.ts";
import { checkDiscovery, discoveryWarnings } from "./discovery-rules.ts";
import { fixedKeyWeakness } from "./fixed-keys.ts";
import { isShortSecret, secretWeakness } from "./key-files.ts";
import { nameWarnings } from "./name-warnings.ts";

export interface RuleContext {
	readonly config: Config;
	readonly cwd: string;
	/** node.id is given, and not made for this process alone. */
	readonly isNodeNamed: boolean;
	/** @param keys the key to report under, then the others that the rule read. */
	report(keys: readonly [string, ...string[]], message: string): void;
}

type Rule = (context: RuleContext) => void;

const timing: Rule = ({ config: { limits, auth }, report }) => {
	if (limits.idleTimeoutMs <= limits.heartbeatIntervalMs) {
		const keys = ["limits.idleTimeoutMs", "limits.heartbeatIntervalMs"] as const;
		report(keys, `must be longer than limits.heartbeatIntervalMs (${limits.heartbeatIntervalMs})`);
	}
	if (limits.maxBackpressureBytes < limits.maxMessageBytes) {
		const keys = ["limits.maxBackpressureBytes", "limits.maxMessageBytes"] as const;
		report(keys, `must be at least limits.maxMessageBytes (${limits.maxMessageBytes})`);
	}
	if (auth.refreshTokenTtlMs <= auth.accessTokenTtlMs) {
		const keys = ["auth.refreshTokenTtlMs", "auth.accessTokenTtlMs"] as const;
		report(keys, `must be longer than auth.accessTokenTtlMs (${auth.accessTokenTtlMs})`);
	}
};

const rooms: Rule = ({ config: { chat, games }, report }) => {
	if (chat.defaultMaxMembers > chat.maxMembers) {
		const keys = ["chat.defaultMaxMembers", "chat.maxMembers"] as const;
		report(keys, `must be at most chat.maxMembers (${chat.maxMembers})`);
	}
	// A lease is renewed by the tick, when a third of it has gone; one tick may be missed.
	if (games.leaseMs < 3 * games.tickIntervalMs) {
		const keys = ["games.leaseMs", "games.tickIntervalMs"] as const;
		report(keys, `must be at least three times games.tickIntervalMs (${games.tickIntervalMs})`);
	}
};

const workers: Rule = ({ config: { server, redis, database }, report }) => {
	if (server.workers === 1) return;
	if (redis.url === undefined) {
		report(["server.workers", "redis.url"], "more than one worker needs redis.url: sessions must outlive a worker");
	}
	if (database.url === "sqlite::memory:") {
		report(["server.workers", "database.url"], "workers cannot share an SQLite database in memory");
	}
	if (server.port === 0) report(["server.workers", "server.port"], "workers cannot share port 0");
};

const channelsRedis: Rule = ({ config: { redis }, report }) => {
	if (redis.channelsUrl === undefined || redis.url !== undefined) return;
	report(["redis.channelsUrl", "redis.url"], "needs redis.url: sessions must be shared where channels are");
};

const metricsPorts: Rule = ({ config: { server }, report }) => {
	if (server.metricsPort === 0) return;
	const last = server.metricsPort + server.workers - 1;
	const keys = ["server.metricsPort", "server.port", "server.workers"] as const;
	if (last > 65_535) report(keys, "the last worker's port would be above 65535");
	if (server.port >= server.metricsPort && server.port <= last) report(keys, "must not be server.port");
};

const tls: Rule = ({ config: { server }, cwd, report }) => {
	const { certFile, keyFile } = server.tls;
	if ((certFile === undefined) !== (keyFile === undefined)) {
		const missing = certFile === undefined ? "server.tls.certFile" : "server.tls.keyFile";
		report([missing, "server.tls.certFile", "server.tls.keyFile"], "certFile and keyFile belong together");
	}
	for (const [key, file] of Object.entries({ certFile, keyFile })) {
		if (file !== undefined) checkFile(`server.tls.${key}`, file, cwd, report);
	}
};

/** The PROXY protocol comes before the TLS handshake; uWebSockets.js looks for it behind. */
const proxyProtocol: Rule = ({ config: { server }, report }) => {
	if (!server.proxyProtocol || server.tls.certFile === undefined) return;
	const text = "cannot be used with server.tls: PROXY headers come before the TLS handshake and are not read there";
	report(["server.proxyProtocol", "server.tls.certFile"], text);
};

const keyIds: Rule = ({ config: { auth }, report }) => {
	const ids = auth.keys.map((key) => key.id);
	for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
		report(["auth.keys"], `two keys have the id "${id}"`);
	}
	const active = auth.keys.find((key) => key.id === auth.activeKeyId);
	if (auth.activeKeyId !== undefined && active === undefined) {
		report(["auth.activeKeyId", "auth.keys"], `there is no key with the id "${auth.activeKeyId}"`);
	}
	if (auth.algorithm === "EdDSA" && active?.privateKeyPem === undefined) {
		report(["auth.algorithm", "auth.keys", "auth.activeKeyId"], "EdDSA needs an active key with a privateKeyFile");
	}
	if (auth.algorithm === "HS256" && active !== undefined && active.secret === undefined) {
		report(["auth.algorithm", "auth.keys", "auth.activeKeyId"], "HS256 needs an active key with a secret");
	}
};

const secrets: Rule = ({ config: { profile, auth, keys }, report }) => {
	const isProduction = profile === "production";
	for (const key of isProduction ? keys.fixed : []) {
		const weakness = fixedKeyWeakness(key);
		if (weakness !== undefined) report(["keys.fixed"], weakness);
	}
	if (isProduction && auth.keys.length === 0) {
		report(["auth.keys", "auth.secret"], "production needs a signing key: set auth.keys or auth.secret (JWT_SECRET)");
	}
	for (const { id, secret } of auth.keys) {
		if (secret === undefined || !(isProduction || isShortSecret(secret))) continue;
		const weakness = secretWeakness(secret);
		if (weakness !== undefined) report(["auth.keys"], `the secret of key "${id}" ${weakness}`);
	}
};

const roles: Rule = ({ config: { auth }, report }) => {
	if (!Object.hasOwn(auth.roles, auth.defaultRole)) {
		report(["auth.defaultRole", "auth.roles"], `there is no role "${auth.defaultRole}" in auth.roles`);
	}
};

const issuers: Rule = ({ config: { profile, auth }, report }) => {
	const keys = ["auth.issuers", "auth.roles"] as const;
	const problem = (name: string, message: string) => report(keys, `issuer "${name}": ${message}`);
	const seen = new Set<string>();
	for (const { name, issuer, roles, secret } of auth.issuers) {
		if (seen.has(name) || seen.has(issuer)) problem(name, "another one has the same name or the same issuer");
		seen.add(name).add(issuer);
		if (issuer === auth.issuer) report(["auth.issuers", "auth.issuer"], `issuer "${name}": auth.issuer is our own`);
		const given = new Set([...roles.default, ...roles.allowed, ...Object.values(roles.map)]);
		for (const role of given)
			if (!Object.hasOwn(auth.roles, role)) problem(name, `there is no role "${role}" in auth.roles`);
		if (secret === undefined || !(profile === "production" || isShortSecret(secret))) continue;
		const weakness = secretWeakness(secret);
		if (weakness !== undefined) problem(name, `the secret ${weakness}`);
	}
};

const guests: Rule = ({ config: { auth }, report }) => {
	if (!auth.guests.enabled || Object.hasOwn(auth.roles, auth.guests.role)) return;
	report(["auth.guests.role", "auth.roles"], `there is no role "${auth.guests.role}" in auth.roles`);
};

const applicationChannels: Rule = ({ config, report }) => {
	const { namespaces, tokens } = config.applicationChannels;
	for (const [name, { subscribe, publish, presence, presenceEvents }] of Object.entries(namespaces)) {
		const needsKey = [...subscribe, ...publish].includes("token");
		if (needsKey && tokens.secret === undefined && tokens.publicKeys.length === 0) {
			const keys = ["applicationChannels.namespaces", "applicationChannels.tokens.secret"] as const;
			report(keys, `${name}: the rule "token" needs applicationChannels.tokens.secret or publicKeys`);
		}
		if (presenceEvents && !presence) {
			report(["applicationChannels.namespaces"], `${name}: presenceEvents needs presence`);
		}
	}
	if (tokens.secret !== undefined && isShortSecret(tokens.secret)) {
		report(["applicationChannels.tokens.secret"], "must have at least 32 bytes");
	}
	const ids = tokens.publicKeys.map(({ id }) => id);
	for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
		report(["applicationChannels.tokens.publicKeys"], `two keys have the id "${id}"`);
	}
};

const notifier: Rule = ({
	config: {
		notifier: { kind, smtp, webhook },
	},
	report,
}) => {
	if (kind === "smtp" && smtp.url === undefined) {
		report(["notifier.smtp.url", "notifier.kind"], "is needed for notifier.kind smtp");
	}
	if (kind === "webhook" && webhook.url === undefined) {
		report(["notifier.webhook.url", "notifier.kind"], "is needed for notifier.kind webhook");
	}
};

const outputs: Rule = ({ config: { profile, outputs: options }, cwd, report }) => {
	for (const { name, secret } of profile === "production" ? options.webhooks : []) {
		const weakness = secretWeakness(secret);
		if (weakness !== undefined) report(["outputs.webhooks"], `webhook "${name}": the secret ${weakness}`);
	}
	if (options.maxRetryMs < options.firstRetryMs) {
		const keys = ["outputs.maxRetryMs", "outputs.firstRetryMs"] as const;
		report(keys, `must be at least outputs.firstRetryMs (${options.firstRetryMs})`);
	}
	const { caFile, certFile, keyFile } = options.mqtt;
	if ((certFile === undefined) !== (keyFile === undefined)) {
		const missing = certFile === undefined ? "outputs.mqtt.certFile" : "outputs.mqtt.keyFile";
		report([missing, "outputs.mqtt.certFile", "outputs.mqtt.keyFile"], "certFile and keyFile belong together");
	}
	for (const [key, file] of Object.entries({ caFile, certFile, keyFile })) {
		if (file !== undefined) checkFile(`outputs.mqtt.${key}`, file, cwd, report);
	}
};

function checkFile(key: string, file: string, cwd: string, report: RuleContext["report"]): void {
	try {
		accessSync(resolve(cwd, file), constants.R_OK);
	} catch (error) {
		report([key], `cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
	}
}

const kafka: Rule = ({ config: { profile, kafka, server, upstreams }, cwd, isNodeNamed, report }) => {
	const { brokers, tls, sasl, uplink, downlink } = kafka;
	if (brokers.length === 0) {
		const topics = [uplink.messagesTopic, uplink.eventsTopic, downlink.topic, downlink.nodeTopicPrefix];
		if (topics.some((topic) => topic !== undefined))
			report(["kafka.brokers"], "is needed for the topics that are named");
		if (upstreams.topicRoutes.length > 0) {
			report(["kafka.brokers", "upstreams.topicRoutes"], "is needed for upstreams.topicRoutes");
		}
		return;
	}
	if (sasl.mechanism !== "none" && (sasl.username === undefined || sasl.password === undefined)) {
		const keys = ["kafka.sasl.mechanism", "kafka.sasl.username", "kafka.sasl.password"] as const;
		report(keys, "needs kafka.sasl.username and kafka.sasl.password");
	}
	if (profile === "production" && sasl.mechanism === "PLAIN" && !tls.enabled) {
		report(["kafka.sasl.mechanism", "kafka.tls.enabled"], "PLAIN sends the password in the clear: enable kafka.tls");
	}
	if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
		report(["kafka.tls.certFile", "kafka.tls.keyFile"], "certFile and keyFile belong together");
	}
	for (const name of ["caFile", "certFile", "keyFile"] as const) {
		const file = tls[name];
		if (file === undefined) continue;
		try {
			accessSync(resolve(cwd, file), constants.R_OK);
		} catch (error) {
			report([`kafka.tls.${name}`], `cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
		}
	}
	if (downlink.nodeTopicPrefix === undefined) return;
	if (!isNodeNamed) {
		report(["kafka.downlink.nodeTopicPrefix"], "needs node.id (GATEWAY_ID): a name made at each start has no topic");
	}
	if (server.workers > 1) {
		const keys = ["kafka.downlink.nodeTopicPrefix", "server.workers"] as const;
		report(keys, "needs server.workers 1: each worker is a node of its own");
	}
};

const chat: Rule = ({ config: { chat, kafka, upstreams }, report }) => {
	const { backend, service } = chat;
	if (backend === "kafka" && (kafka.brokers.length === 0 || kafka.uplink.messagesTopic === undefined)) {
		report(["chat.backend"], "kafka needs kafka.brokers and kafka.uplink.messagesTopic");
	}
	if (backend === "upstream" && service === undefined) {
		report(["chat.backend"], "upstream needs chat.service, which names a service of upstreams.services");
	}
	if (service === undefined) return;
	if (backend === "builtin") report(["chat.service"], "is asked for nothing: set chat.backend to kafka or upstream");
	if (!Object.hasOwn(upstreams.services, service)) report(["chat.service"], `upstreams.services has no ${service}`);
};

const addresses: Rule = ({ config, cwd, report }) =>
	checkAddresses(config, cwd, (key, message) => report([key], message));

const discovery: Rule = (context) => checkDiscovery(context);

const rules: readonly Rule[] = [
	timing,
	rooms,
	workers,
	channelsRedis,
	metricsPorts,
	tls,
	proxyProtocol,
	keyIds,
	secrets,
	roles,
	issuers,
	guests,
	applicationChannels,
	notifier,
	outputs,
	kafka,
	chat,
	addresses,
	discovery,
];

/** Runs every rule; what is wrong goes to `context.report`. */
export function checkRules(context: RuleContext): void {
	for (const rule of rules) rule(context);
}

/** Values that work but are probably a mistake, to be logged at the start. */
export function configWarnings(config: Config): string[] {
	const { profile, notifier, server, redis, auth } = config;
	const warnings = uncheckedAddresses(config).map((key) => {
		return `${key}: the connection is encrypted, but nobody checks who the server is; sslmode=verify-full does`;
	});
	warnings.push(...discoveryWarnings(config), ...nameWarnings(config));
	if (profile === "production" && notifier.kind === "log") {
		warnings.push("notifier.kind is log: password reset codes go to the log and reach nobody");
	}
	if (profile === "production" && redis.url === undefined) {
		warnings.push("redis.url is not set: sessions live in this process and end with it");
	}
	if (profile === "production" && server.allowedOrigins.includes("*")) {
		warnings.push("server.allowedOrigins is *: any web page may connect");
	}
	if (profile !== "production" && auth.keys.some(({ secret }) => secret !== undefined && secretWeakness(secret))) {
		warnings.push("a signing secret is weak; production would refuse it");
	}
	return warnings;
}
