"""The limits that a container sets, by Linux' cgroups of version 1 and 2.

Elsewhere, and where nothing is limited, there are none. `root` is where / is, so that a made-up
tree can stand for a machine's.
"""

from pathlib import Path

ROOT = Path("/")


def _groups(controller: str, root: Path) -> list[Path]:
    """Return the folders of this process' cgroup, and of those around it, for a controller."""
    found = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mounts = ["", "unified"]  # version 2, alone or beside version 1
        elif controller in controllers.split(","):
            mounts = [controller, controllers]
        else:
            continue
        # Inside a container the path may be the host's; then the mount itself is the cgroup.
        own = [part for part in path.split("/") if part not in ("", "..")]
        for mount in mounts:
            base = root / "sys/fs/cgroup" / mount
            found += [base.joinpath(*own[:depth]) for depth in range(len(own), -1, -1)]
    return list(dict.fromkeys(folder.resolve() for folder in found if folder.is_dir()))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None  # "max", -1 and nothing are no limit


def core_limit(root: Path = ROOT) -> float | None:
    """Return how many cores this process may keep busy, None when that is not limited."""
    limits = []
    for folder in _groups("cpu", root):
        quota, period = (_read(folder / "cpu.max").split() + ["", ""])[:2]
        quota = quota or _read(folder / "cpu.cfs_quota_us")
        period = period or _read(folder / "cpu.cfs_period_us")
        if _number(quota) and _number(period):
            limits.append(int(quota) / int(period))
    return min(limits, default=None)


def memory_limit_bytes(root: Path = ROOT) -> int | None:
    """Return how much memory this process may have, in bytes, None when that is not limited."""
    limits = [
        _number(_read(folder / name))
        for folder in _groups("memory", root)
        for name in ("memory.max", "memory.limit_in_bytes")
    ]
    # Version 1 writes "no limit" as almost 2**63.
    return min((limit for limit in limits if limit and limit < 2**60), default=None)


def throttled(root: Path = ROOT) -> int:
    """Return how often this process' cgroup, or one around it, was stopped to keep its limit."""
    return sum(
        int(line.split()[1])
        for folder in _groups("cpu", root)
        for line in _read(folder / "cpu.stat").splitlines()
        if line.startswith("nr_throttled ")
    )
