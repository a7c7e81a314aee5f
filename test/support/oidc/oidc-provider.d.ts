// What is used of oidc-provider, which has no types of its own.
declare module "oidc-provider" {
	import type { RequestListener } from "node:http";

	export interface ProviderContext {
		body: unknown;
		readonly oidc: { readonly client: unknown; readonly params: Readonly<Record<string, string | undefined>> };
	}

	export interface AccessToken {
		resourceServer: unknown;
		save(): Promise<string>;
	}

	// biome-ignore lint/style/noDefaultExport: it is what the package has.
	export default class Provider {
		constructor(issuer: string, configuration: object);
		readonly AccessToken: new (
			properties: object,
		) => AccessToken;
		readonly ResourceServer: new (
			identifier: string,
			info: object,
		) => unknown;
		registerGrantType(
			name: string,
			handler: (ctx: ProviderContext) => Promise<void>,
			parameters: readonly string[],
		): void;
		callback(): RequestListener;
	}
}
