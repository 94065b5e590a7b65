#!/usr/bin/env bash
# Builds one function for `sam build`, which calls it by the Makefile: infra/build.sh build-PlannerFunction FOLDER. The profile
# `lambda` of Cargo.toml decides how, which SAM's own way for Rust cannot choose (ADR 0031). PROOFREEL_ARCHITECTURE is arm64
# (the default, as in the template) or x86_64.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:?usage: infra/build.sh build-NameFunction FOLDER}
folder=${2:?usage: infra/build.sh build-NameFunction FOLDER}
name=$(sed -E 's/^build-(.*)Function$/\1/; s/([a-z])([A-Z])/\1-\2/g' <<<"$target" | tr '[:upper:]' '[:lower:]')
case "${PROOFREEL_ARCHITECTURE:-arm64}" in
  arm64) flag=--arm64 triple=aarch64-unknown-linux-gnu ;;
  x86_64) flag=--x86-64 triple=x86_64-unknown-linux-gnu ;;
  *) echo "build: PROOFREEL_ARCHITECTURE is arm64 or x86_64" >&2; exit 1 ;;
esac
# Zig, which links for Amazon's C library, is a module of this folder's Python: cargo-lambda asks the first `python3` of PATH for it.
if [ -x "$root/.cloud-deploy/bin/python3" ]; then
  PATH=$root/.cloud-deploy/bin:$PATH
fi
if ! command -v cargo-lambda > /dev/null; then
  echo "build: cargo-lambda is missing. Run \`make deploy\`, or infra/checks/install.sh .cloud-deploy infra/requirements-deploy.txt" >&2
  exit 1
fi
library=$(rustc --print sysroot)/lib/rustlib/$triple
# Once a machine, 30 MB; where Rust came without rustup, its owner has to.
if [ ! -d "$library" ] && command -v rustup > /dev/null; then
  rustup target add "$triple" || true
fi
if [ ! -d "$library" ]; then
  echo "build: Rust has no library for $triple. Run: rustup target add $triple" >&2
  exit 1
fi
cd "$root"
cargo lambda build --profile lambda --locked "$flag" --package "proofreel-fn-$name" --lambda-dir target/functions
install -D "target/functions/proofreel-fn-$name/bootstrap" "$folder/bootstrap"
