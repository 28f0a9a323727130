"""Runs a WASI program under wasmtime, with environment variables from standard input as JSON, and exits with its status."""

import json
import sys
import wasmtime

engine = wasmtime.Engine()
linker = wasmtime.Linker(engine)
linker.define_wasi()
store = wasmtime.Store(engine)
settings = wasmtime.WasiConfig()
settings.argv = ["program"]
settings.env = list(json.load(sys.stdin).items())
settings.inherit_stdout()
settings.inherit_stderr()
store.set_wasi(settings)
instance = linker.instantiate(store, wasmtime.Module.from_file(engine, sys.argv[1]))
try:
    instance.exports(store)["_start"](store)
except wasmtime.ExitTrap as ended:
    sys.exit(ended.code)
