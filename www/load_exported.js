// In the exported page nothing can be fetched: the module is in the package's default entry, as Base64.
import "./countersign/index.js";
