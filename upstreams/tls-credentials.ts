// TLS of gRPC connections whose certificates are renewed: a channel lives as long as its endpoint, and connects again and again.
import { type CallCredentials, ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";
import type { TlsMaterial } from "../common/tls-files.ts";

type ConnectorOf = ChannelCredentials["_createSecureConnector"];
type SecureConnector = ReturnType<ConnectorOf>;

/** Each connection is made with what the files held when they were read last. Those of grpc-js itself keep the first for ever. */
class RenewedCredentials extends ChannelCredentials {
	private readonly material: TlsMaterial;
	private made: { readonly of: TlsMaterial; readonly credentials: ChannelCredentials };

	constructor(material: TlsMaterial) {
		super();
		this.material = material;
		this.made = make(material);
	}

	override _isSecure(): boolean {
		return true;
	}

	override _equals(other: ChannelCredentials): boolean {
		return this === other;
	}

	override _createSecureConnector(
		target: Parameters<ConnectorOf>[0],
		options: ChannelOptions,
		callCredentials?: CallCredentials,
	): SecureConnector {
		const connector = () => this.current()._createSecureConnector(target, options, callCredentials);
		const first = connector();
		return {
			connect: (socket) => connector().connect(socket),
			waitForReady: () => first.waitForReady(),
			getCallCredentials: () => first.getCallCredentials(),
			destroy: () => first.destroy(),
		};
	}

	private current(): ChannelCredentials {
		const { ca, cert, key } = this.material;
		const { of } = this.made;
		if (of.ca !== ca || of.cert !== cert || of.key !== key) this.made = make(this.material);
		return this.made.credentials;
	}
}

function make({ ca, cert, key }: TlsMaterial) {
	const made = credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
	return { of: { ca, cert, key }, credentials: made };
}

/** Plain text without material. @throws Error when it cannot be used. */
export function channelCredentials(material: TlsMaterial | undefined): ChannelCredentials {
	return material === undefined ? credentials.createInsecure() : new RenewedCredentials(material);
}
