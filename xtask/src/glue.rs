//! Makes the functions of wasm-bindgen's glue that the module imports methods of one object. Bundlers of Workers wrap each function
//! that they find, and esbuild makes a getter for each that is exported, at every start.

use anyhow::{Result, bail};

/// The object, as `pkg/instantiate.js` passes it to the module.
const NAME: &str = "imports";

/// The package itself calls this one.
const OF_THE_PACKAGE: &str = "__wbg_set_wasm(";

/// The glue with the object in the place of the functions.
pub fn in_one_object(glue: &str) -> Result<String> {
    let (mut rest, mut methods) = (String::new(), String::new());
    let mut in_method = false;
    for line in glue.lines() {
        let method =
            line.strip_prefix("export function ").filter(|after| after.starts_with("__wb") && !after.starts_with(OF_THE_PACKAGE));
        in_method |= method.is_some();
        let to = if in_method { &mut methods } else { &mut rest };
        to.push_str(method.unwrap_or(line));
        // What is in it is indented.
        if in_method && line.starts_with('}') {
            to.push(',');
            in_method = false;
        }
        to.push('\n');
    }
    if methods.is_empty() || in_method {
        bail!("wasm-bindgen's glue has another form than xtask/src/glue.rs expects");
    }
    Ok(format!("{rest}\nexport const {NAME} = {{\n{methods}}};\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_module_imports_is_moved() {
        let glue = "export class A {\n}\nexport function inspect(a) {\n    return a;\n}\nexport function __wbg_x_1(a) {\n    if (a) {\n        b();\n    }\n}\nexport function __wbindgen_y() { return handleError(function () {\n}, arguments); }\nexport function __wbg_set_wasm(val) {\n    wasm = val;\n}\n";
        let expected = "export class A {\n}\nexport function inspect(a) {\n    return a;\n}\nexport function __wbg_set_wasm(val) {\n    wasm = val;\n}\n\nexport const imports = {\n__wbg_x_1(a) {\n    if (a) {\n        b();\n    }\n},\n__wbindgen_y() { return handleError(function () {\n}, arguments); },\n};\n";
        assert_eq!(in_one_object(glue).unwrap(), expected);
        assert!(in_one_object("export function inspect() {\n}\n").is_err());
    }
}
