#!/bin/sh
# Writes the code of protobuf messages from a schema, for the library @bufbuild/protobuf:
#
#     scripts/interop/generate-protobuf.sh onnx/onnx.proto src/interop/onnx/schema.ts
#
# The schema is looked up among the Python packages of requirements.txt, which also bring protoc:
#
#     python3 -m venv .venv && .venv/bin/pip install -r scripts/interop/requirements.txt
#     PYTHON=.venv/bin/python scripts/interop/generate-protobuf.sh …
set -eu
schema=$1
target=$2
python=${PYTHON:-python3}
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
npm install --silent --no-save --prefix "$folder" @bufbuild/protoc-gen-es@2.17.0
"$python" -m grpc_tools.protoc -I "$packages/$(dirname "$schema")" \
  --plugin="$folder/node_modules/.bin/protoc-gen-es" \
  --es_out="$folder" --es_opt=target=ts,import_extension=ts "$(basename "$schema")"
mv "$folder/$(basename "$schema" .proto)_pb.ts" "$target"
