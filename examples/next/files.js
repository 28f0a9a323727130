// Where the private files are. In production they are in a bucket behind CloudFront, and this app has none.
import { join } from "node:path";

export const FILES = join(process.cwd(), "files");
