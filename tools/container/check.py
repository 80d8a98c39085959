#!/usr/bin/env python3
"""Holds Dockerfile, .dockerignore, packaging/compose.yaml and packaging/izpochat.service to what they promise, without
an engine. Prints one line a violation, and exits with 1 when there is any.

    tools/container/check.py IZPOCHAT     the program, which knows its settings
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml
from dockerfile import Context, Stage, read_dockerfile

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("CMakeLists.txt", "src/main.cpp", "migrations", "web/package.json", "docs/openapi.json", "tools/node")
LEFT_OUT = (".git/HEAD", ".env", "build/release/izpochat", "data/secret.key", "web/node_modules/x", ".venv/x", ".cache/x")


def settings_of(program: str) -> set[str]:
    printed = subprocess.run([program, "settings", "--format", "dotenv"], capture_output=True, text=True, check=True)
    return set(re.findall(r"^#?\s*([A-Z][A-Z_]+)=", printed.stdout, re.MULTILINE))


def check_image(settings: set[str]) -> list[str]:
    stages = read_dockerfile(ROOT / "Dockerfile")
    context = Context(ROOT)
    wrong = []
    names: set[str] = set()
    for stage in stages:
        if not re.fullmatch(r"debian:bookworm(-slim)?", stage.base):
            wrong.append(f"FROM {stage.base}: script/setup is for Debian 12")
        wrong += check_copies(stage, context, names)
        names.add(stage.name)
    final = stages[-1]
    user = final.last("USER")
    if len(stages) != 2 or final.name:
        wrong.append("two stages, and the last one is what is shipped")
    if user is None or user.text in ("root", "0"):
        wrong.append("USER: it must not run as root")
    elif not re.search(rf"\buseradd\b.*\b{user.text}\b", " ".join(one.text for one in final.instructions)):
        wrong.append(f"USER {user.text}: nobody made that user")
    if (volume := final.last("VOLUME")) is None or volume.text != final.environment().get("DATA_DIR"):
        wrong.append("VOLUME must be DATA_DIR")
    if (port := final.last("EXPOSE")) is None or port.text != final.environment().get("PORT"):
        wrong.append("EXPOSE must be PORT")
    wrong += [f"ENV {name}: no such setting" for name in final.environment() if name not in settings]
    if final.command() != ["izpochat", "serve"] or final.health_command() != ["izpochat", "health"]:
        wrong.append("it must serve, and its health is asked by the program itself")
    wrong += [f".dockerignore: {name} must reach the build" for name in NEEDED if not context.files(name)]
    wrong += [f".dockerignore: {name} must not reach the build" for name in LEFT_OUT if not context.ignores(Path(name))]
    return [f"Dockerfile: {line}" for line in wrong]


def check_copies(stage: Stage, context: Context, earlier: set[str]) -> list[str]:
    wrong = []
    for one in stage.instructions:
        if one.name != "COPY":
            continue
        words = one.words()
        if words[0].startswith("--from="):
            if words[0].removeprefix("--from=") not in earlier:
                wrong.append(f"line {one.line}: there is no stage before it of that name")
        else:
            wrong += [f"line {one.line}: COPY {name} copies nothing" for name in words[:-1] if not context.files(name)]
    return wrong


def check_compose(settings: set[str]) -> list[str]:
    compose = yaml.safe_load((ROOT / "packaging" / "compose.yaml").read_text())
    services = compose["services"]
    chat, database = services["izpochat"], services["database"]
    wrong = []
    for name, service in services.items():
        if service.get("restart") != "unless-stopped":
            wrong.append(f"{name}: it must come back after a restart of the machine")
        for volume in service.get("volumes", []):
            if volume.split(":")[0] not in compose["volumes"]:
                wrong.append(f"{name}: the volume {volume} is not declared")
    if not (ROOT / "packaging" / chat["build"] / "Dockerfile").is_file():
        wrong.append("izpochat: there is no Dockerfile in its build context")
    wrong += [f"izpochat: {name} is no setting" for name in chat["environment"] if name not in settings]
    for name in ("SECRET_KEY", "DATABASE_URL"):
        if ":?" not in chat["environment"][name]:
            wrong.append(f"izpochat: without {name.lower()} in .env it must not start")
    if chat["depends_on"] != {"database": {"condition": "service_healthy"}} or "healthcheck" not in database:
        wrong.append("izpochat must wait until the database is healthy")
    if "@database:5432/izpochat" not in chat["environment"]["DATABASE_URL"]:
        wrong.append("izpochat: DATABASE_URL does not name the database service")
    for service in services.values():
        for name, value in service["environment"].items():
            if name.endswith(("KEY", "PASSWORD")) and not value.startswith("${"):
                wrong.append(f"{name}: a secret must not stand in the file")
    return [f"packaging/compose.yaml: {line}" for line in wrong]


def check_unit() -> list[str]:
    lines = (ROOT / "packaging" / "izpochat.service").read_text().splitlines()
    sections = [line for line in lines if line.startswith("[")]
    wrong = [] if sections == ["[Unit]", "[Service]", "[Install]"] else ["its sections are others"]
    wrong += [f"missing: {line}" for line in ("Type=exec", "DynamicUser=yes", "NoNewPrivileges=yes") if line not in lines]
    wrong += [f"not understood: {line}" for line in lines if not re.match(r"$|#|\[|[A-Z]\w+=", line)]
    return [f"packaging/izpochat.service: {line}" for line in wrong]


def main() -> int:
    settings = settings_of(sys.argv[1])
    try:
        wrong = check_image(settings) + check_compose(settings) + check_unit()
    except ValueError as error:  # from the reader of the Dockerfile
        wrong = [f"Dockerfile: {error}"]
    for line in wrong:
        print(line)
    if not wrong:
        print("The container's files are in order.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
