// What the gateway's metrics say of one service.

export interface ServiceCounts {
	readonly calls: number;
	readonly attempts: number;
	/** Endpoints that calls may go to. */
	readonly available: number;
	/** Attempts that are over, by endpoint. */
	readonly ended: ReadonlyMap<string, number>;
}

const ENDED = /^framegate_upstream_endpoint_calls_total\{service="orders",endpoint="([^"]+)"\} (\d+)$/gm;

/** @param port - of the gateway. */
export async function serviceCounts(port: number): Promise<ServiceCounts> {
	const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
	const value = (series: string): number => {
		const line = page.split("\n").find((candidate) => candidate.startsWith(`${series} `));
		return Number(line?.slice(series.length + 1) ?? 0);
	};
	return {
		calls: value('framegate_upstream_calls_total{service="orders"}'),
		attempts: value('framegate_upstream_attempts_total{service="orders"}'),
		available: value('framegate_upstream_endpoints{service="orders",state="available"}'),
		ended: new Map([...page.matchAll(ENDED)].map(([, address = "", count]) => [address, Number(count)])),
	};
}
