"""Which calls of the Linux kernel keep a process apart? As functions that raise OSError."""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import socket
import struct
from typing import Any, Optional

NEW_MOUNTS = 0x00020000
NEW_USERS = 0x10000000
NEW_PROCESSES = 0x20000000
NEW_NETWORK = 0x40000000

# The numbers are those of linux/mount.h, linux/prctl.h, linux/capability.h and linux/if.h.
_MS_READ_ONLY, _MS_NO_SUID, _MS_NO_DEVICES, _MS_NO_EXEC, _MS_REMOUNT = 1, 2, 4, 8, 32
_MS_BIND, _MS_RECURSIVE, _MS_PRIVATE = 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
# Files of others, and ending one's own processes: what root has without being an administrator.
_KEPT_CAPABILITIES = frozenset(range(8))
_LAST_CAPABILITY = 63
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
# Machine: its AUDIT_ARCH, the number of `socket`, and the first number of another calling form.
_MACHINES = {"x86_64": (0xC000003E, 41, 0x40000000), "aarch64": (0xC00000B7, 198, 1 << 31)}
_IO_URING_SETUP = 425
_LOAD, _IS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16
_AF_NETLINK = 16


def unshare(namespaces: int) -> None:
    """Leave these namespaces of the parent for new ones."""
    _checked(_libc().unshare(namespaces))


def die_with_parent(signal_number: int) -> None:
    """Get this signal when the process that started this one is gone."""
    _checked(_libc().prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal_number), 0, 0, 0))


def forbid_privileges() -> None:
    """Neither `sudo` nor any other program gives a privilege that is not there already."""
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0))


def drop_capabilities() -> None:
    """Root, after the next program starts, is an owner of files and no administrator."""
    for capability in range(_LAST_CAPABILITY + 1):
        # An unknown one is refused, as all are without the right to drop them.
        if capability not in _KEPT_CAPABILITIES:
            _libc().prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)


def raise_loopback() -> None:
    """Let 127.0.0.1 answer in a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH22x", b"lo", 0)
        flags = struct.unpack("16sH22x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", flags | _IFF_UP))


def mount_processes() -> None:
    """Show in /proc the processes of this namespace alone."""
    _mount(None, "/", None, _MS_RECURSIVE | _MS_PRIVATE)
    _mount("proc", "/proc", "proc", _MS_NO_SUID | _MS_NO_DEVICES | _MS_NO_EXEC)


def mount_over(path: str, *, source: str) -> None:
    """Put another file in the place of this one."""
    _mount(source, path, None, _MS_BIND)


def mount_read_only(folder: str) -> None:
    """Let nothing be changed in a folder; what is mounted under it stays as it was."""
    _mount(folder, folder, None, _MS_BIND | _MS_RECURSIVE)
    has = os.statvfs(folder).f_flag
    # What the mount under it forbids can be kept, but not given up.
    kept = has & (_MS_NO_SUID | _MS_NO_DEVICES | _MS_NO_EXEC | os.ST_NOATIME | os.ST_NODIRATIME)
    kept |= (1 << 21) if has & os.ST_RELATIME else 0
    _mount(None, folder, None, _MS_BIND | _MS_REMOUNT | _MS_READ_ONLY | kept)


def refuse_sockets(errno: int) -> None:
    """Refuse every socket but those within the machine that are files, and those of the kernel.

    Holds for what is started from here on; privileges must have been forbidden before.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(0, f"no filter is written for {platform.machine()}")
    architecture, socket_number, other_form = machine
    # (operation, how many to skip if it holds, and if not, value), as in the manual of BPF.
    program = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_IS, 0, 7, architecture),
        (_LOAD, 0, 0, _AT_NUMBER),
        (_AT_LEAST, 5, 0, other_form),
        (_IS, 4, 0, _IO_URING_SETUP),
        (_IS, 0, 4, socket_number),
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        (_IS, 2, 0, socket.AF_UNIX),
        (_IS, 1, 0, _AF_NETLINK),
        (_RETURN, 0, 0, _REFUSE | errno),
        (_RETURN, 0, 0, _ALLOW),
    ]
    instructions = b"".join(struct.pack("HBBI", *each) for each in program)
    text = ctypes.create_string_buffer(instructions, len(instructions))
    whole = struct.pack("HP", len(program), ctypes.addressof(text))
    filtered = ctypes.create_string_buffer(whole, len(whole))
    asked = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    _checked(_libc().prctl(_PR_SET_SECCOMP, asked, filtered, 0, 0))


def _mount(source: Optional[str], target: str, kind: Optional[str], flags: int) -> None:
    texts = [None if each is None else os.fsencode(each) for each in (source, target, kind)]
    _checked(_libc().mount(*texts, ctypes.c_ulong(flags), None))


def _libc() -> Any:  # noqa: ANN401
    return ctypes.CDLL(None, use_errno=True)


def _checked(answer: int) -> None:
    if answer != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
