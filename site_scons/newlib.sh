#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# newlib.sh OUT ARCHIVE HOST PREFIX FLAG...
#
# Builds newlib from Debian's source ARCHIVE for the configuration name HOST
# with the tools PREFIXgcc and so on, its code with FLAGs.  OUT gets libc.a,
# libm.a and include/.  Always starts from the beginning, so an interrupted
# build leaves nothing that the next could trip over.
set -eu

out=$PWD/$1 archive=$2 host=$3 prefix=$4
shift 4
name=$(basename "$(dirname "$out")")
log=$out/build.log

if [ ! -f "$archive" ]; then
    echo "no newlib source: install the package newlib-source" >&2
    exit 1
fi
rm -rf "$out"
mkdir -p "$out"

# newlib's scripts cannot live in a directory whose name has blanks.
case $out in
    *[!A-Za-z0-9_./+-]*) work=$(mktemp -d) ;;
    *) work=$out/work && mkdir "$work" ;;
esac
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

tools=$(for tool in ar as ld nm objcopy objdump ranlib readelf strip; do
    echo "$(echo "$tool" | tr a-z A-Z)_FOR_TARGET=$prefix$tool"
done)

build() {
    set -e
    mkdir "$work/source" "$work/objects"
    tar xf "$archive" -C "$work/source" --strip-components=1 \
        --exclude='*/libgloss'
    # For arm newlib would bring system calls of its own.
    sed -i '/syscall_dir=syscalls/s/^/:;#/' "$work/source/newlib/configure.host"
    cd "$work/objects"
    # shellcheck disable=SC2086  # one word for each tool
    ../source/configure --target="$host" --prefix=/newlib --disable-multilib \
        --disable-newlib-supplied-syscalls --disable-libgloss --disable-nls \
        --disable-shared --disable-newlib-wide-orient \
        --enable-newlib-io-long-long --enable-newlib-io-c99-formats \
        --enable-newlib-reent-small CC_FOR_TARGET="${prefix}gcc" $tools \
        CFLAGS_FOR_TARGET="$*" MAKEINFO=true
    make -j"$(nproc)" all-target-newlib
    make install-target-newlib DESTDIR="$work"
    mv "$work/newlib/$host/include" "$out"
    # Last and complete or not at all: its presence says that all is there.
    mv "$work/newlib/$host/lib/libm.a" "$work/newlib/$host/lib/libc.a" "$out"
}

# One line that counts on a terminal; a few lines anywhere else.
progress() {
    count=$(grep -c -e ' -c ' "$log" || true)
    if [ -t 1 ]; then
        printf '\r  newlib for %s: %s files ' "$name" "$count"
    elif [ "$1" = end ] || [ $((seconds % 20)) = 0 ]; then
        echo "  newlib for $name: $count files"
    fi
}

seconds=0
build "$@" >"$log" 2>&1 </dev/null &
while kill -0 $! 2>/dev/null; do
    seconds=$((seconds + 1))
    progress running
    sleep 1
done
if ! wait $!; then
    echo "newlib for $name failed, see ${log#"$PWD"/}" >&2
    exit 1
fi
progress end
if [ -t 1 ]; then echo; fi
