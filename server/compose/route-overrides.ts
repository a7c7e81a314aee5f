// What administrators change of routes that are served.
import { systemClock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { BoundModule } from "../../core/route-table.ts";
import { routeContracts } from "../../protocol/gen/schema.ts";
import { RouteOverrides } from "../../services/routes/route-overrides.ts";
import type { AccountServices } from "./accounts.ts";

export interface RouteOverrideParts {
	readonly accounts: AccountServices;
	readonly logger: Logger;
	/** Of the operator and of the configuration, as they are served now. */
	readonly served: () => readonly BoundModule[];
	readonly onChanged: () => void;
	readonly announce: () => void;
}

export function openRouteOverrides({
	accounts,
	logger,
	served,
	onChanged,
	announce,
}: RouteOverrideParts): RouteOverrides {
	const contractsOf = ({ routes }: BoundModule) => routes.map(({ contract }) => contract);
	return new RouteOverrides({
		store: accounts.stores.routeOverrides,
		logger,
		wall: systemClock.now,
		routes: () => [...routeContracts.values(), ...served().flatMap(contractsOf)],
		onChanged,
		announce,
	});
}
