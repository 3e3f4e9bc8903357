#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ccache where headers are precompiled: what it knows them by, a hash, stands in a file beside each of them. Without that
# it reads hundreds of MB for every file that it compiles, which takes longer than most of them.
# usage: ccache.sh CCACHE COMPILER ARGUMENTS…
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=true
ccache=$1 out='' before=''
shift
for argument; do
  [ "$before" = -o ] && out=$argument
  before=$argument
done
case $out in
  *.gch | *.pch) ;;
  *) exec "$ccache" "$@" ;;
esac
rm -f "$out.sum"  # an old one would be believed
"$ccache" "$@" || exit
sha256sum <"$out" >"$out.sum"
