#!/usr/bin/env bash
# Publishes the program and the device tests, self-contained for Linux, and packs them into one archive that tests/gpu/run.sh takes.
#
#   tests/gpu/publish.sh [FOLDER]        default: artifacts/gpu; the archive is FOLDER.tar.xz
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-artifacts/gpu}
rm -rf "$folder" "$folder.tar.xz"
for project in src/Embeddings.Experiments tests/Embeddings.Runtime.Tests; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained -p:DebugType=none -p:GenerateDocumentationFile=false -o "$folder" --nologo -v q
done
tar -cJf "$folder.tar.xz" -C "$folder" .
du -h "$folder.tar.xz"
