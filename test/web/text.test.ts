// Translations of what routes do are of comments that there are.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { routes } from "../../web/protocol/catalog.ts";
import { routesZh } from "../../web/text/routes-zh.ts";
import { routeText } from "../../web/text/texts.ts";

describe("what routes do, in Chinese", () => {
	it("is translated of the comments as they are now: an entry of another one is to be translated again, or to go", () => {
		const comments = new Set(routes.map(({ comment = "" }) => comment.replaceAll("\n", " ")));
		assert.deepEqual(
			Object.keys(routesZh).filter((comment) => !comments.has(comment)),
			[],
		);
	});

	it("is marked as Chinese, and as English where it is not translated", () => {
		const login = routes.find(({ name }) => name === "auth.login");
		const chinese = routeText("zh", login?.comment ?? "");
		assert.equal(chinese.tag, "zh-CN");
		assert.match(chinese.text, /会话/);
		assert.deepEqual(routeText("zh", "Something\nnew."), { text: "Something new.", tag: "en" });
		assert.deepEqual(routeText("en", login?.comment ?? "").tag, "en");
	});
});
