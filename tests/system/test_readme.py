"""The README's tour, as typed: every `$` line of its console blocks is run in one shell, and prints what is shown."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARK = "== README step =="


def steps(readme):
    """(command, expected output) of every console block, in order. A here-document's lines belong to its command."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE):
        end = None
        for line in block.splitlines():
            if end is not None:
                found[-1][0].append(line)
                end = None if line == end else end
            elif line.startswith("$ "):
                found.append(([line[2:]], []))
                here = re.search(r"<<'(\w+)'$", line)
                end = here and here.group(1)
            else:
                found[-1][1].append(line)
    return [("\n".join(command), "\n".join(shown)) for command, shown in found]


@pytest.mark.parametrize("name", ["README.md", "README.es.md"])
def test_the_tour_prints_what_the_readme_shows(own_server, tmp_path, name):
    server = own_server()
    tour = steps((ROOT / name).read_text())
    assert len(tour) > 8
    script = "".join(f"{command}\necho '{MARK}'\n" for command, _ in tour)
    script = script.replace("http://127.0.0.1:8000", server.url)
    script = script.replace("ws://127.0.0.1:8000", server.url.replace("http", "ws", 1))
    ran = subprocess.run(
        ["bash", "-u"],
        input=script,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    printed = [part.strip("\n") for part in ran.stdout.split(f"{MARK}\n")]
    assert printed[:-1] == [shown for _, shown in tour], ran.stderr
