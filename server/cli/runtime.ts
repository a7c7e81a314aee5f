// Which Node.js the gateway runs on. Native packages that it loads later end an older one by a segmentation fault, without a word.

const OLDEST_MAJOR = 22;

/** One line about a Node.js that cannot run the gateway; undefined on one that may. Loads nothing. */
export function runtimeProblem({ node }: NodeJS.ProcessVersions): string | undefined {
	if (Number(node.split(".")[0]) >= OLDEST_MAJOR) return undefined;
	return `needs Node.js ${OLDEST_MAJOR}, and this is ${node}: run it with "npx node" where the packages are, or install Node.js ${OLDEST_MAJOR}`;
}
