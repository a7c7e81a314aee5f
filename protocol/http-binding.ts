// Which HTTP requests call a route: what the google.api.http annotations of the .proto files say, as `npm run generate` reads them.

/** One method and path of a route. */
export interface HttpBinding {
	/** Protocol number. */
	readonly route: number;
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** `/api/v1/users/{user_id}`: each variable stands for one segment, and for the field of that name. */
	readonly path: string;
	/** `*`: the content is the request message; "": there is none, and fields that the path does not have come in the query. */
	readonly body: "*" | "";
}
