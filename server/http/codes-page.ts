// `/docs/codes`: the reply codes as a page, which the `type` of a problem links to.
import { replyCodes } from "../../protocol/codes.ts";

export const CODES_PATH = "/docs/codes";

/** @returns the HTML. */
export function codesPage(): string {
	const rows = replyCodes.map(
		({ code, name, retryable, httpStatus }) =>
			`<tr id="${name}"><td>${code}</td><td>${name}</td><td>${httpStatus}</td><td>${retryable ? "yes" : "no"}</td></tr>`,
	);
	return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Reply codes</title></head>
<body>
<h1>Reply codes</h1>
<table>
<thead><tr><th>number</th><th>name</th><th>HTTP status</th><th>retryable</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</body>
</html>
`;
}
