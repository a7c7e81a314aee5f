// Which endpoints of a discovery server are used at all. Who can write there chooses where the gateway connects (server-side request
// forgery): addresses that are no host of a service are refused whatever the configuration says, others by the networks that the
// operator allows.
import { BlockList, isIP } from "node:net";
import { unusableAddresses } from "../../common/unusable-addresses.ts";
import type { Endpoint } from "../endpoint-source.ts";
import type { ListedEndpoint } from "./discovery-client.ts";
import { keyOf } from "./endpoint-guard.ts";

const HOST_NAME =
	/^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;
/** What a name that ends in a number would be read as: an address of IPv4 in another spelling (WHATWG URL, section 3.5). */
const LOOKS_NUMERIC = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;

/** Why endpoints were left out: a list may have a hundred thousand that are. */
const MAX_REASONS = 5;

export interface EndpointRuleOptions {
	/** CIDR ranges; empty: every address that a service can have, and names. */
	readonly allowedNetworks: readonly string[];
	/** Of one service. */
	readonly maxEndpoints: number;
}

/** An IP address or CIDR range. @throws Error when it is none. */
export function addNetwork(list: BlockList, network: string): void {
	const [address = "", bits, ...rest] = network.split("/");
	const version = isIP(address);
	if (version === 0 || rest.length > 0) throw new Error(`${JSON.stringify(network)} is no IP address or CIDR range`);
	const family = version === 4 ? "ipv4" : "ipv6";
	list.addSubnet(address, bits === undefined ? (version === 4 ? 32 : 128) : Number(bits), family);
}

export class EndpointRules {
	private readonly options: EndpointRuleOptions;
	private readonly never = unusableAddresses();
	private readonly allowed = new BlockList();

	/** @throws Error when a network is malformed. */
	constructor(options: EndpointRuleOptions) {
		this.options = options;
		for (const network of options.allowedNetworks) addNetwork(this.allowed, network);
	}

	/**
	 * Those of a list that can be used, each address once.
	 *
	 * @returns how many were left out beside it, and why the first ones were, in words for people.
	 */
	usable(listed: readonly ListedEndpoint[]): {
		readonly endpoints: readonly Endpoint[];
		readonly rejected: number;
		readonly reasons: readonly string[];
	} {
		const endpoints = new Map<string, Endpoint>();
		const reasons = new Set<string>();
		let rejected = 0;
		const reject = (reason: () => string): void => {
			rejected++;
			if (reasons.size < MAX_REASONS) reasons.add(reason());
		};
		for (const { isUsable, ...endpoint } of listed) {
			const problem = this.problemOf(endpoint);
			if (problem !== undefined) reject(() => `${JSON.stringify(endpoint.host.slice(0, 80))}: ${problem}`);
			else if (!isUsable) continue;
			else if (endpoints.size < this.options.maxEndpoints) endpoints.set(keyOf(endpoint), endpoint);
			else reject(() => `there are more than ${this.options.maxEndpoints} endpoints`);
		}
		return { endpoints: [...endpoints.values()], rejected, reasons: [...reasons] };
	}

	/** Why the gateway must not connect there; undefined when it may. */
	private problemOf({ host, port, weight }: Endpoint): string | undefined {
		if (!Number.isInteger(port) || port < 1 || port > 65_535) return "no port";
		if (!Number.isFinite(weight) || weight < 0) return "no weight";
		const version = isIP(host);
		const isRestricted = this.options.allowedNetworks.length > 0;
		if (version === 0) {
			if (!HOST_NAME.test(host) || LOOKS_NUMERIC.test(host)) return "no host";
			return isRestricted
				? "a name, which may lead anywhere; discovery.allowedNetworks takes addresses only"
				: undefined;
		}
		const family = version === 4 ? "ipv4" : "ipv6";
		if (this.never.check(host, family)) return "an address that no service has";
		if (isRestricted && !this.allowed.check(host, family)) return "outside of discovery.allowedNetworks";
		return undefined;
	}
}
