// The ports of a process: the main one, and one for metrics where it is separate. Both share the descriptors of the process.

import { ipKey } from "../common/ip-key.ts";
import type { Logger } from "../common/logger.ts";
import { PeriodicTask } from "../common/periodic-task.ts";
import { TrustedHops } from "../core/client-address.ts";
import type { Connection } from "../core/connection.ts";
import {
	type DescriptorFacts,
	type DescriptorShares,
	descriptorShares,
	neededDescriptors,
} from "../core/descriptors.ts";
import { LISTENING_INTERVAL_MS, ListeningMonitor } from "../core/listening-monitor.ts";
import type { RateLimits } from "../core/rate-limits.ts";
import type { HttpService, SocketEvents, Transport } from "../core/transport.ts";
import type { UwsTransportOptions } from "../core/transport-uws.ts";
import { type Certificate, readCertificate, tlsFiles } from "./certificate.ts";
import type { Config } from "./config/config.ts";

export type OpenTransport = (options: UwsTransportOptions) => Transport<Connection>;

/** Where WebSockets are served. */
export const WEBSOCKET_PATH = "/ws";
/**
 * Messages up to this many bytes over the limit are still received, so that the client gets an error that names the
 * limit.
 */
const OVERSIZE_BYTES = 65_536;
/** As good as never. */
const HOLDER_INTERVAL_MS = 86_400_000;
/** Sockets of the metrics port: one for each scraper, and some. */
const MAX_METRICS_SOCKETS = 64;

export interface ListenersOptions {
	/** Read again for each request: some of it changes while the process runs. */
	readonly config: () => Config;
	readonly descriptors: DescriptorFacts;
	/** Made of those. */
	readonly shares: DescriptorShares;
	readonly rates: RateLimits;
	readonly openTransport: OpenTransport;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** What the ports serve. */
export interface ListenersHandlers {
	readonly events: SocketEvents<Connection>;
	readonly http: HttpService;
	/** Of the port for metrics, where there is one. */
	readonly metricsHttp: HttpService;
}

export class Listeners {
	readonly main: Transport<Connection>;
	readonly monitor: ListeningMonitor;
	private readonly metrics: Transport<Connection> | undefined;
	private readonly options: ListenersOptions;
	/** What new connections get; undefined without TLS. */
	private certificate: Certificate | undefined;
	/** Holds the process while it does not listen, when nothing else does. */
	private holder: NodeJS.Timeout | undefined;
	private readonly rounds: PeriodicTask;

	constructor(options: ListenersOptions) {
		const { openTransport, logger, now } = options;
		this.options = options;
		const files = tlsFiles(options.config());
		this.certificate = files && readCertificate(files);
		this.main = openTransport(this.transportOptions());
		this.metrics = options.config().server.metricsPort === 0 ? undefined : openTransport(this.metricsOptions());
		const transports = this.metrics === undefined ? [this.main] : [this.main, this.metrics];
		this.monitor = new ListeningMonitor({ transports, logger, now });
		this.rounds = new PeriodicTask({
			intervalMs: LISTENING_INTERVAL_MS,
			run: () => this.monitor.run(),
			onError: (error) => logger.error({ err: error }, "looking after the listening ports failed; will retry"),
		});
	}

	/** Metrics are served on a port of their own. */
	get hasMetricsPort(): boolean {
		return this.metrics !== undefined;
	}

	/** Unix milliseconds at which the certificate ends that new connections get; undefined without TLS. */
	get certificateEndsAtMs(): number | undefined {
		return this.certificate?.endsAtMs;
	}

	/**
	 * Reads the certificate again. If it is another one, new connections get it; the open ones live on. One that cannot be used
	 * changes nothing, and is logged.
	 */
	async renewCertificate(): Promise<void> {
		const { config, logger } = this.options;
		const files = tlsFiles(config());
		if ((files === undefined) !== (this.certificate === undefined)) {
			logger.warn({}, "TLS is switched on or off at the next start");
		}
		if (files === undefined || this.certificate === undefined) return;
		try {
			const next = readCertificate(files);
			if (next.digest === this.certificate.digest) return;
			await this.main.renewTls(files);
			await this.metrics?.renewTls(files);
			this.certificate = next;
			const endsAt = new Date(next.endsAtMs).toISOString();
			logger.info({ certFile: files.certFile, endsAt }, "TLS certificate renewed: new connections get it");
		} catch (error) {
			logger.error({ err: error }, "TLS certificate not renewed, the former one is still served");
		}
	}

	/** @returns the main port. @throws Error when a port is taken. */
	async start(handlers: ListenersHandlers): Promise<{ readonly host: string; readonly port: number }> {
		const { host, port: wanted, metricsPort, workers } = this.options.config().server;
		const shared = workers > 1;
		this.logShares();
		const { events, http, metricsHttp } = handlers;
		const port = await this.main.listen({ host, port: wanted, shared }, { events, http: this.bounded(http) });
		await this.metrics?.listen(
			{ host, port: metricsPort, shared },
			{ events: undefined, http: this.bounded(metricsHttp) },
		);
		this.rounds.start();
		this.holder = setInterval(() => {}, HOLDER_INTERVAL_MS);
		return { host, port };
	}

	close(): void {
		clearInterval(this.holder);
		void this.rounds.close();
		this.main.close();
		this.metrics?.close();
	}

	/** Compares what may be open with what is configured; at the start and when the configuration was read again. */
	logShares(): void {
		const { limits } = this.options.config();
		const { descriptors, logger } = this.options;
		const { reserved, httpSockets, connections } = descriptorShares(descriptors, limits);
		const { maxConnections } = limits;
		const fields = { ...descriptors, reserved, httpSockets, connections, maxConnections };
		if (connections >= maxConnections) {
			logger.info(fields, "file descriptors suffice");
			return;
		}
		const needed = neededDescriptors(descriptors, limits);
		const text =
			`the limit of open files (RLIMIT_NOFILE, ${descriptors.limit}) is too low for limits.maxConnections (${maxConnections}): ` +
			`${connections} connections are taken at most; set nofile to ${needed}, or lower limits.maxConnections`;
		logger.warn({ ...fields, needed }, text);
	}

	/** With bodies no longer than the configuration allows. */
	private bounded(http: HttpService): HttpService {
		const { config } = this.options;
		return {
			...http,
			maxBodyBytes: (method, path) => Math.min(http.maxBodyBytes(method, path), config().limits.maxHttpBodyBytes),
		};
	}

	private transportOptions(): UwsTransportOptions {
		const { server, limits } = this.options.config();
		const tls = this.certificate?.files;
		const { ceiling, reserved, httpSockets } = this.options.shares;
		return {
			path: WEBSOCKET_PATH,
			maxPayloadBytes: limits.maxMessageBytes + OVERSIZE_BYTES,
			maxBackpressureBytes: limits.maxBackpressureBytes,
			...(tls && { tls }),
			address: { trusted: new TrustedHops(server.trustedProxies), proxyProtocol: server.proxyProtocol },
			http: {
				maxHeaderBytes: limits.maxHttpHeaderBytes,
				takeRequest: (ip) => this.options.rates.takeRequest(ipKey(ip), this.options.now()),
				keepsConnections: server.httpKeepAlive,
				maxGatheredBytes: limits.maxPendingBytes,
			},
			admission: { ceiling, reserved, maxHttpSockets: httpSockets },
		};
	}

	/** A scrape is answered while the main port is short of descriptors: of the reserve it may take three quarters. */
	private metricsOptions(): UwsTransportOptions {
		const { ceiling, reserved } = this.options.shares;
		const own = Math.floor(reserved / 4);
		return {
			...this.transportOptions(),
			admission: {
				ceiling: ceiling === undefined ? undefined : ceiling + reserved - own,
				reserved: own,
				maxHttpSockets: MAX_METRICS_SOCKETS,
			},
		};
	}
}
