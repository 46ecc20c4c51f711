"""Make .venv from a lock with uv: `python helpers/core/set_up.py .venv requirements.txt`.

Run by its path, before any package is there.
"""

import ast
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# Of pip's settings those that say where packages come from, and what uv calls them. uv reads
# neither pip.conf nor PIP_*. All others stay outside: `target`, `constraint` and the like would
# make another environment than the lock's.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
NO_INDEX = "no-index"  # to uv it can be said as an option alone
# What is set for uv itself may say where packages come from too; pip's settings win.
FROM_WHERE = "INDEX|LINKS|HOST|CERT|TLS|HTTP|KEYRING|CACHE|OFFLINE"


class SetUpError(Exception):
    """What keeps the packages from being installed, in one line."""


def pip_settings(listed: str) -> dict[str, str]:
    """Return what `pip config list` tells of where packages come from; the environment wins."""
    settings = {}
    for section in ("global", "install", ":env:"):
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            name = name.removeprefix(f"{section}.")
            if line.startswith(f"{section}.") and name in {*UV_NAMES, NO_INDEX}:
                settings[name] = " ".join(ast.literal_eval(value).split())
    if settings.get(NO_INDEX, "").lower() in ("0", "false", "no", "off"):
        del settings[NO_INDEX]
    return {name: value for name, value in settings.items() if value}


def for_pip(settings: dict[str, str]) -> dict[str, str]:
    """Return the variables that give pip these settings and no others."""
    variables = {f"PIP_{name.replace('-', '_').upper()}": v for name, v in settings.items()}
    return {"PIP_CONFIG_FILE": os.devnull, **variables}


def for_uv(settings: dict[str, str]) -> dict[str, str]:
    """Return the variables that give uv these settings; an extra index stands beside a main one."""
    variables = {UV_NAMES[name]: v for name, v in settings.items() if name != NO_INDEX}
    if links := variables.get("UV_FIND_LINKS"):
        variables["UV_FIND_LINKS"] = links.replace(" ", ",")
    if certificate := variables.get("SSL_CERT_FILE"):
        variables["SSL_CERT_FILE"] = str(Path(certificate).expanduser())
    if extra := variables.get("UV_INDEX"):
        # Of a version uv looks at the first index alone; the hashes of the lock are the main one's.
        variables["UV_INDEX"] = f"{variables['UV_DEFAULT_INDEX']} {extra}"
    return variables


def usual_index(told: str) -> str:
    """Return the index that pip asks where none is set, from its help on `install`."""
    found = re.search(r"default(https?://[^)]+)\)", "".join(told.split()))
    assert found, "pip does not tell its index"
    return found[1]


def uv_lines(lock: str) -> str:
    """Return the lines of a lock that pin uv, with its hashes."""
    found = re.search(r"^uv==(?:.*\\\n)+.*", lock, re.MULTILINE)
    assert found, "the lock has no uv"
    return found[0] + "\n"


def install(folder: Path, lock: Path) -> None:
    """Make the environment `folder` from `lock`. Raises SetUpError."""
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PIP_") and (name[:3] != "UV_" or re.search(FROM_WHERE, name))
    }

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess:
        command = [python, "-I", "-m", *words]
        return subprocess.run(command, env=variables | settings, capture_output=True, text=True)

    if subprocess.run([sys.executable, "-I", "-m", "venv", "--clear", folder]).returncode:
        raise SetUpError(f"{sys.executable} made no {folder}, as it says above")
    told = run("pip", "config", "list", **os.environ)
    if told.returncode:
        sys.stderr.write(told.stderr)
        raise SetUpError("pip cannot read its settings, as it says above")
    settings = pip_settings(told.stdout)
    if "extra-index-url" in settings:
        settings.setdefault("index-url", usual_index(run("pip", "install", "--help").stdout))

    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary, "uv.txt")
        wanted.write_text(uv_lines(lock.read_text(encoding="utf-8")), encoding="utf-8")
        words = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps")
        done = run("pip", "install", *words, "-r", str(wanted), **for_pip(settings))
    if done.returncode:
        raise SetUpError(
            f"pip did not get uv, which installs the packages ({last_line(done.stderr)}); look at "
            "the network and at `pip config list`, then run make setup"
        )

    # pip takes the best that any index has, uv that of the first; the hashes keep both safe.
    lock_alone = ("--require-hashes", "--index-strategy", "unsafe-best-match", str(lock))
    helpers = ("--no-deps", "--no-build-isolation", "--editable", str(PROJECT))
    options = ["--quiet", "--no-config", "--python", python]
    options += ["--no-index"] * (NO_INDEX in settings)
    for command, words in (("sync", lock_alone), ("install", helpers)):
        done = run("uv", "pip", command, *options, *words, **for_uv(settings))
        if done.returncode:
            sys.stderr.write(done.stderr)
            raise SetUpError(f"uv did not install {lock.name}, as it says above; run make setup")


def last_line(text: str) -> str:
    """Return the last line that a program has written."""
    return (text.strip().splitlines() or ["it did not say why"])[-1].removeprefix("ERROR: ")


def main(folder: Path, lock: Path) -> int:
    """Install; write last what tells that all of it succeeded. Return the exit code."""
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"setting up {folder} with Python {version}: a minute or more, once", flush=True)
    try:
        install(folder, lock)
    except SetUpError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    (folder / "folder").write_text(f"{PROJECT}\n", encoding="utf-8")
    (folder / lock.name).write_bytes(lock.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
