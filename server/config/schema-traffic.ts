// Limits and rates of connections, users, addresses and the process.
import * as z from "zod";
import { bytes, field, integer, milliseconds, section } from "../../common/option-fields.ts";

const MAX_RATE = 100_000_000;

export const limitsSchema = section({
	maxConnections: integer({
		description: "Open connections of one process; the next one gets TOO_MANY_CONNECTIONS and is closed.",
		min: 1,
		max: 2_000_000,
		default: 10_000,
		reloadable: true,
	}),
	maxConnectionsPerIp: integer({
		description:
			"Open connections from one address. 0 switches it off, since whole sites and carriers share an address.",
		min: 0,
		max: 2_000_000,
		default: 0,
		reloadable: true,
	}),
	maxConnectionsPerUser: integer({
		description: "Open connections of one user in one process; beyond it the oldest is closed as TAKEN_OVER.",
		min: 1,
		max: 100_000,
		default: 20,
		reloadable: true,
	}),
	maxConnectionsPerSession: integer({
		description:
			"Open connections of one session in one process, such as the tabs of a browser; beyond it the oldest is closed as " +
			"TAKEN_OVER.",
		min: 1,
		max: 1000,
		default: 8,
		reloadable: true,
	}),
	maxUnauthenticated: integer({
		description:
			"Open connections of one process that have not logged in; beyond it the oldest of the address with the most is closed " +
			"and may reconnect later. 0: a quarter of limits.maxConnections.",
		min: 0,
		max: 2_000_000,
		default: 0,
		reloadable: true,
	}),
	maxUnauthenticatedPerIp: integer({
		description:
			"Open connections from one address (IPv6: /64) that have not logged in; beyond it its oldest is closed. " +
			"0: half of limits.maxUnauthenticated.",
		min: 0,
		max: 2_000_000,
		default: 0,
		reloadable: true,
	}),
	maxHttpSockets: integer({
		description:
			"Open TCP connections of one process that are no WebSocket: HTTP requests, TLS and WebSocket handshakes, silent ones. " +
			"An address may hold as many as are left; the next is closed at once. At most a quarter of the open files.",
		min: 16,
		max: 1_000_000,
		default: 4096,
	}),
	reservedDescriptors: integer({
		description:
			"File descriptors of one process that sockets of clients leave for Redis, SQL and files, at most half of the limit of " +
			"open files; when half of them are gone, the process stops listening until there are more.",
		min: 16,
		max: 1_000_000,
		default: 256,
	}),
	maxMessageBytes: bytes({
		description: "Longest WebSocket message accepted; a longer one closes the connection.",
		min: 1024,
		max: 64 * 1024 * 1024,
		default: 65_536,
	}),
	maxBackpressureBytes: bytes({
		description: "Unsent bytes held for one connection; beyond it the client is a slow consumer.",
		min: 16_384,
		max: 1024 * 1024 * 1024,
		default: 1_048_576,
	}),
	maxUnsentBytes: bytes({
		description:
			"Unsent bytes held for all connections of one process, and never more than half of its heap's limit; beyond it the " +
			"connections with most unsent bytes are closed.",
		min: 1_048_576,
		max: 1024 * 1024 * 1024 * 1024,
		default: 268_435_456,
		reloadable: true,
	}),
	authTimeoutMs: milliseconds({
		description:
			"A connection that has not authenticated within this time is closed. It begins again with each answer, and does not run " +
			"while a request is in flight.",
		min: 100,
		max: 600_000,
		default: 8000,
		reloadable: true,
	}),
	heartbeatIntervalMs: milliseconds({
		description: "Interval between heartbeats, as reported to clients.",
		min: 1000,
		max: 3_600_000,
		default: 30_000,
	}),
	idleTimeoutMs: milliseconds({
		description: "A connection from which nothing was received for this time is closed.",
		min: 8000,
		max: 960_000,
		default: 90_000,
	}),
	requestTimeoutMs: milliseconds({
		description: "A request that is not answered within this time gets TIMEOUT.",
		min: 10,
		max: 600_000,
		default: 10_000,
		reloadable: true,
	}),
	maxInFlight: integer({
		description: "Requests of one connection that run or wait at once; further ones are RATE_LIMITED.",
		min: 1,
		max: 100_000,
		default: 64,
		reloadable: true,
	}),
	maxInFlightBeforeLogin: integer({
		description: "The same for a connection that has not authenticated: what it may send behind its login.",
		min: 1,
		max: 100_000,
		default: 64,
		reloadable: true,
	}),
	maxPendingBytes: bytes({
		description:
			"Bytes that the requests of all connections hold while they run or wait. One address, and all connections together " +
			"that have not authenticated, may hold a quarter of it; further requests are UNAVAILABLE.",
		min: 1024 * 1024,
		max: 64 * 1024 * 1024 * 1024,
		default: 64 * 1024 * 1024,
		reloadable: true,
	}),
	maxPendingBytesPerConnection: bytes({
		description:
			"Bytes that the requests of one connection hold while they run or wait; further ones are RATE_LIMITED.",
		min: 4096,
		max: 1024 * 1024 * 1024,
		default: 512 * 1024,
		reloadable: true,
	}),
	maxPendingBytesBeforeLogin: bytes({
		description:
			"Bytes of requests that wait on a connection that has not authenticated; further ones are RATE_LIMITED.",
		min: 1024,
		max: 1024 * 1024 * 1024,
		default: 64 * 1024,
		reloadable: true,
	}),
	maxErrorsPerMinute: integer({
		description:
			"Error replies within a minute after which a connection is closed. RATE_LIMITED counts only if the client did not wait for " +
			"the time in the reply; what was sent before the first of them was received does not count.",
		min: 1,
		max: 1_000_000,
		default: 60,
		reloadable: true,
	}),
	maxHttpHeaderBytes: bytes({
		description:
			"Longest request line and header section of an HTTP request or a WebSocket handshake; a longer one gets 431. A token, of " +
			"up to 8192 characters, is part of it.",
		min: 12_288,
		max: 262_144,
		default: 16_384,
	}),
	maxHttpBodyBytes: bytes({
		description: "Longest HTTP request body accepted; a longer one gets 413.",
		min: 1024,
		max: 64 * 1024 * 1024,
		default: 1_048_576,
		reloadable: true,
	}),
	drainWindowMs: milliseconds({
		description: "On shutdown, clients are asked to reconnect elsewhere, spread over this time.",
		min: 0,
		max: 600_000,
		default: 10_000,
		reloadable: true,
	}),
	tokenGraceMs: milliseconds({
		description: "A connection whose access token expired may go on this long before it must have refreshed.",
		min: 0,
		max: 3_600_000,
		default: 60_000,
		reloadable: true,
	}),
});

/** A token bucket: refilled at a rate up to `burst`. */
function bucket(what: string, perSecond: number, burst: number, unit?: "bytes") {
	return section({
		perSecond: field(z.number().min(0).max(MAX_RATE).default(perSecond), {
			description: `${what}: sustained rate. 0 switches this bucket off.`,
			unit: unit === undefined ? "1/s" : `${unit}/s`,
			reloadable: true,
		}),
		burst: integer({
			description: `${what}: how much may come at once.`,
			min: 1,
			max: MAX_RATE,
			default: burst,
			...(unit && { unit }),
			reloadable: true,
		}),
	});
}

const protocolBucket = z.strictObject({
	perSecond: z.number().min(0).max(MAX_RATE),
	burst: z.int().min(1).max(MAX_RATE),
});

export const ratesSchema = section({
	connection: bucket("Request cost of one connection", 100, 200),
	user: bucket("Request cost of one user, all connections", 200, 400),
	userBytes: bucket("Bytes of requests of one user, all connections", 65_536, 524_288, "bytes"),
	userReplyBytes: bucket("Bytes of replies of one user that may be pages", 524_288, 4_194_304, "bytes"),
	ip: bucket("Request cost of one address, ten for an HTTP request", 2000, 4000),
	global: bucket("Request cost of the whole process", 200_000, 400_000),
	protocols: field(
		z.record(z.string().regex(/^[1-9]\d{0,4}$/, "expected a protocol number"), protocolBucket).default({}),
		{
			description:
				'Request cost of single protocol numbers, whole process: `{"1002": {perSecond: 50, burst: 500}}` keeps ' +
				"registrations from using up the rate of other requests.",
			reloadable: true,
		},
	),
	connectsPerIp: bucket("New connections from one address", 200, 2000),
	faultsPerIp: bucket("Connections of one address closed for what the client sent; beyond it no new ones", 5, 100),
	control: bucket("Pings and pongs of one connection; beyond them it is closed", 10, 100),
	receivedBytes: bucket("Bytes received from one connection", 1_048_576, 4_194_304),
	receivedBytesPerIp: bucket("Bytes received from one address", 16_777_216, 67_108_864),
});

export const channelsSchema = section({
	historySize: integer({
		description: "Publications kept per channel, for clients that reconnect.",
		min: 1,
		max: 100_000,
		default: 1000,
		reloadable: true,
	}),
	historyTtlMs: milliseconds({
		description: "How long they are kept after the last one.",
		min: 1000,
		default: 600_000,
		reloadable: true,
	}),
	historyBytes: bytes({
		description: "Bytes kept per channel, for clients that reconnect; the oldest publications go.",
		min: 1024,
		max: 1024 * 1024 * 1024,
		default: 1_048_576,
		reloadable: true,
	}),
	historyTotalBytes: bytes({
		description:
			"Bytes kept of all channels, over all processes that share a Redis, and never more than half of its maxmemory. " +
			"At the limit the longest logs are shortened, of the kinds of channel that exceed their share.",
		min: 65_536,
		max: 1024 * 1024 * 1024 * 1024,
		default: 268_435_456,
		reloadable: true,
	}),
	historyMemoryShare: field(z.number().min(0.05).max(1).default(0.75), {
		description:
			"Part of Redis' maxmemory above which publications are sent and not kept, so that memory is left for sessions.",
		reloadable: true,
	}),
	maxPerConnection: integer({
		description: "Channels that one connection may subscribe to, including the two that every user has.",
		min: 2,
		max: 100_000,
		default: 1000,
	}),
});
