// Makes the client of a discovery server from its options. Loaded when one is configured: the libraries of gRPC come with it.
import type { Logger } from "../../common/logger.ts";
import type { TlsFileSet } from "../../common/tls-files.ts";
import type { DiscoveryClient } from "./discovery-client.ts";
import { EtcdClient } from "./etcd/etcd-client.ts";
import { NacosGrpc } from "./nacos/nacos-grpc.ts";
import { NacosHttpV1 } from "./nacos/nacos-http-v1.ts";
import { NacosHttpV3 } from "./nacos/nacos-http-v3.ts";
import type { NacosOptions } from "./nacos/nacos-instance.ts";
import { type DiscoveryOptions, ETCD_PORT, NACOS_PORT } from "./options.ts";
import { parseServerAddress } from "./server-address.ts";
import { tlsOf } from "./tls-files.ts";

/** @throws Error when a file of certificates cannot be used. */
export function openEtcd(options: DiscoveryOptions, logger: Logger, files: TlsFileSet): DiscoveryClient {
	const { endpoints, ...etcd } = options.etcd;
	return new EtcdClient({
		...etcd,
		username: etcd.username,
		password: etcd.password,
		servers: endpoints.map((endpoint) => parseServerAddress(endpoint, ETCD_PORT)),
		tls: tlsOf(files.open("discovery.etcd", etcd), etcd.serverName),
		maxEndpoints: options.maxEndpoints,
		onRejected: (service, key, error) => {
			logger.debug({ service, key, err: error.message }, "a record in etcd is not read");
		},
	});
}

/** @throws the same. */
export function openNacos({ nacos }: DiscoveryOptions, files: TlsFileSet): DiscoveryClient {
	const options: NacosOptions = {
		...nacos,
		username: nacos.username,
		password: nacos.password,
		servers: nacos.servers.map((server) => parseServerAddress(server, NACOS_PORT)),
		tls: tlsOf(files.open("discovery.nacos", nacos), nacos.serverName),
	};
	switch (nacos.protocol) {
		case "grpc":
			return new NacosGrpc(options);
		case "http-v1":
			return new NacosHttpV1(options);
		case "http-v3":
			return new NacosHttpV3(options);
		default:
			return nacos.protocol satisfies never;
	}
}
