#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds CAF's libraries, core and io, from Debian's source package with ThreadSanitizer, into a cache outside of the tree, and prints
# the folder that it stands in. Debian's own library is not instrumented: what its mailboxes hand from thread to thread
# would look like races. Headers stay Debian's: version and configuration are the same.
set -euo pipefail
version=$(dpkg-query -W -f '${source:Upstream-Version}' libcaf-dev)
package=$(dpkg-query -W -f '${source:Package}' libcaf-dev)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sandbase-events/caf-$version-thread
if [[ -e $cache/lib/libcaf_core.so && -e $cache/lib/libcaf_io.so ]]; then
  echo "$cache"
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec 3>&1 >&2
echo "Building CAF $version with ThreadSanitizer into $cache"

# The machine's package sources, asked for source packages, without changing them.
mkdir -p "$work"/{sources,lists/partial,cache/archives/partial}
for file in /etc/apt/sources.list.d/*.sources; do
  [[ ! -e $file ]] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/sources/${file##*/}"
done
[[ ! -s /etc/apt/sources.list ]] || sed 's/^deb /deb-src /' /etc/apt/sources.list >"$work/sources/main.list"
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources"
  -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root)
cd "$work"
"${apt[@]}" update
"${apt[@]}" source --download-only --tar-only "$package"
mkdir source
tar -xf "${package}_$version".orig.tar.* -C source --strip-components 1

# Upstream's io leaves out an include that g++ 12 needs.
cmake -S source -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG='-O1 -g1' \
  -DCMAKE_CXX_FLAGS='-fsanitize=thread -fno-omit-frame-pointer -include limits -w' -DCMAKE_SHARED_LINKER_FLAGS=-fsanitize=thread \
  "-DCMAKE_BUILD_RPATH=\$ORIGIN" -DCAF_NO_{EXAMPLES,UNIT_TESTS,TOOLS,OPENSSL,OPENCL,PYTHON,SUMMARY}=yes >cmake.log || { cat cmake.log; exit 1; }
cmake --build build --target libcaf_core_shared libcaf_io_shared
mkdir -p "$cache/lib"
find build \( -name 'libcaf_core.so*' -o -name 'libcaf_io.so*' \) -exec cp -P {} "$cache/lib/" \;
echo "$cache" >&3
