// Writes the figures of docs/operations/bounds.md, after a bound, a default or a constant has changed.
import { writeFileSync } from "node:fs";
import { page } from "../docs/markdown.ts";
import { BOUNDS_PAGE, withFigures } from "./bounds-page.ts";

writeFileSync(new URL(`../../${BOUNDS_PAGE}`, import.meta.url), withFigures(page(BOUNDS_PAGE)));
