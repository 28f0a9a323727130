// What a bundler makes of the file where it knows WebAssembly, as wrangler does; others want a query or a loader for it.
import type { CoreModule } from "./slim.cjs";

declare const core: CoreModule;
export default core;
