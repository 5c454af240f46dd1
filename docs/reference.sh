#!/usr/bin/env bash
# usage: docs/reference.sh c|python|node|rust OUTPUT    Makes the reference of one language in the folder OUTPUT; a warning is an error.
#   c       of the C and C++ headers, by doxygen
#   python  by pydoc, of the installed package `conclave`
#   node    the declarations of bindings/node/index.d.ts, checked by tsc as a project of its own would have them
#   rust    by cargo doc, against the library in CONCLAVE_LIB
# Ends with 77 where the tool is missing.
set -euo pipefail
what=${1:-} output=$(realpath -m "${2:?usage: docs/reference.sh c|python|node|rust OUTPUT}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "$output"

need() { command -v "$1" >/dev/null || { echo "reference.sh: SKIPPED: there is no $1" >&2; exit 77; }; }

case $what in
  c)
    need doxygen
    { cat docs/Doxyfile; printf 'OUTPUT_DIRECTORY = "%s"\nWARN_AS_ERROR = FAIL_ON_WARNINGS\n' "$output"; } | doxygen -
    # Every type and function has a comment of its own. Fields may speak for themselves; copies, moves and operators do.
    { cat docs/Doxyfile; printf 'EXTRACT_ALL = NO\nWARN_IF_UNDOCUMENTED = YES\nGENERATE_HTML = NO\n'; } | doxygen - 2>&1 |
      grep 'is not documented' | grep -Ev '\((variable|enumvalue|friend|typedef)\)|operator|Member (\w+)\((const )?(\2 &|std::unique_ptr)' >"$output/undocumented" || true
    if [ -s "$output/undocumented" ]; then
      cat "$output/undocumented" >&2
      exit 1
    fi
    grep -rqs conclave_opener_open "$output"/html/*.html && grep -rqs FrameOpener "$output"/html/*.html
    ;;
  python)
    cd "$output"
    /usr/bin/python3 - <<'PY'
import importlib, inspect, pydoc
names = ["conclave"] + ["conclave." + part for part in ("call", "contacts", "errors", "events", "frames", "identity", "media", "room", "session", "transcript")]
missing = []

def judge(where, things, of_class):
    for name, value in vars(things).items():
        value = getattr(value, "__func__", value)  # of a static or class method
        ours = getattr(value, "__module__", None) == things.__name__ if not of_class else not inspect.isclass(value)
        said = isinstance(value, property) or (ours and (inspect.isfunction(value) or inspect.isclass(value)))
        if not said or name.startswith("_"):
            continue
        # A dataclass's own docstring is its signature: that says nothing.
        if not value.__doc__ or value.__doc__.startswith(f"{name}("):
            missing.append(f"{where}.{name}")
        if inspect.isclass(value):
            judge(f"{where}.{name}", value, True)

for module in map(importlib.import_module, names):
    pydoc.writedoc(module.__name__)
    judge(module.__name__, module, False)
if missing:
    raise SystemExit(f"without a word about it: {missing}")
PY
    grep -q make_sealer conclave.session.html
    ;;
  node)
    need tsc
    for declarations in bindings/node/*.d.ts; do /usr/bin/python3 docs/typescript_comments.py "$declarations"; done
    mkdir -p "$output/node_modules/@types/node" "$output/node_modules/conclave"
    cp bindings/node/*.d.ts bindings/node/index.js bindings/node/package.json "$output/node_modules/conclave/"
    # What of Node's own types ours refer to: Debian has no package of them.
    printf '{"name": "@types/node", "types": "index.d.ts"}' >"$output/node_modules/@types/node/package.json"
    cat >"$output/node_modules/@types/node/index.d.ts" <<'TS'
declare class Buffer extends Uint8Array {}
declare module 'node:events' {
  export class EventEmitter {
    on(event: string, listener: (...args: any[]) => void): this;
    emit(event: string, ...args: any[]): boolean;
  }
}
TS
    cat >"$output/page.mts" <<'TS'
import {Call, Identity, Opener, Session, maxSealedSize} from 'conclave';
const session: Session = Session.found(new Uint8Array(16), new Identity(), 'Alice', {frameSuite: 'aes128GcmSha256_128', heartbeat: 2});
const opener = new Opener();
opener.update(session);
const out = new Uint8Array(maxSealedSize(80));
const size: number = session.makeSealer(0).seal(new Uint8Array(80), null, out);
if (opener.open(out.subarray(0, size), null, out).status === 'opened') console.log((await session.safetyCode()).digits, session.roster()[0]?.role);
const call: Call = Call.host({relay: 'relay.example:4433#00', roomToken: 'token'});
for await (const event of call) if (event.type === 'knock') call.admit(event.id);
TS
    cd "$output" && tsc --noEmit --strict --target es2022 --lib es2022,dom --module nodenext --moduleResolution nodenext --types node page.mts
    ;;
  rust)
    need cargo
    RUSTDOCFLAGS="-D warnings" CARGO_TARGET_DIR="$output" cargo doc --quiet --offline --no-deps --workspace --manifest-path bindings/rust/Cargo.toml
    [ -f "$output/doc/conclave/struct.Session.html" ]
    ;;
  *) echo "usage: docs/reference.sh c|python|node|rust OUTPUT" >&2; exit 2 ;;
esac
