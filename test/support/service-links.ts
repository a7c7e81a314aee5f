// The variables by which Kubernetes describes a Service to the pods of its namespace: getServiceEnvVarMap and makeLinkVariables
// of kubelet, pkg/kubelet/envvars/envvars.go.
import { isIPv6 } from "node:net";

export interface ServicePort {
	readonly name?: string;
	readonly port: number;
	readonly protocol?: "TCP" | "UDP" | "SCTP";
}

export function serviceLinks(service: string, ip: string, ports: readonly ServicePort[]): Record<string, string> {
	const upper = (text: string) => text.replaceAll("-", "_").toUpperCase();
	const prefix = upper(service);
	const host = isIPv6(ip) ? `[${ip}]` : ip;
	const made: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: ip };
	for (const [index, { name, port, protocol = "TCP" }] of ports.entries()) {
		const address = `${protocol.toLowerCase()}://${host}:${port}`;
		if (index === 0) Object.assign(made, { [`${prefix}_SERVICE_PORT`]: `${port}`, [`${prefix}_PORT`]: address });
		if (name !== undefined) made[`${prefix}_SERVICE_PORT_${upper(name)}`] = `${port}`;
		const at = `${prefix}_PORT_${port}_${protocol}`;
		made[at] = address;
		made[`${at}_PROTO`] = protocol.toLowerCase();
		made[`${at}_PORT`] = `${port}`;
		made[`${at}_ADDR`] = ip;
	}
	return made;
}
