"""tools/check_layers finds what it has to find, and nothing in a tree that keeps the rules."""

import subprocess
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_layers"

TABLE = """
izpo_module(base DEPENDS Boost::headers)
izpo_module(domain DEPENDS base)
izpo_module(ports DEPENDS domain)
izpo_module(wire DEPENDS base)
izpo_module(services DEPENDS ports wire)
izpo_module(transport DEPENDS services)
izpo_module(adapters/sql DEPENDS ports)
izpo_module(adapters/sqlite DEPENDS adapters/sql)
izpo_module(adapters/system DEPENDS ports)
izpo_module(app DEPENDS transport adapters/sqlite adapters/system)
"""

GOOD = {
    "src/main.cpp": '#include "app/app.hpp"\n',
    "src/app/app.hpp": '#include "adapters/sqlite/driver.hpp"\n#include "services/rooms.hpp"\n',
    "src/base/task.hpp": "#include <boost/asio/awaitable.hpp>\n",
    "src/domain/room.hpp": '#include "base/time.hpp"\n',
    "src/base/time.hpp": "#include <chrono>\n",
    "src/services/rooms.hpp": '#include "base/task.hpp"\n#include "domain/room.hpp"\n',
    "src/wire/frame.hpp": "// system_clock::now() may be named in a comment\n",
    "src/transport/session.cpp": "#include <boost/beast/http.hpp>\n",
    "src/adapters/sql/stores.hpp": '#include "domain/room.hpp"\n',
    "src/adapters/sqlite/driver.hpp": '#include "adapters/sql/stores.hpp"\n',
    "src/adapters/system/clock.cpp": "auto t = std::chrono::system_clock::now();\n",
}

# (what is wrong, the file that is added or replaced, its text, a part of the line that is printed)
BAD = [
    ("upwards", "src/domain/user.hpp", '#include "services/rooms.hpp"\n', "src/domain/user.hpp:1: domain may not include"),
    ("sideways", "src/wire/codec.hpp", '#include "domain/room.hpp"\n', "wire may not include domain/room.hpp"),
    ("adapter beyond app", "src/services/x.cpp", '#include "adapters/sqlite/driver.hpp"\n', "services may not include"),
    ("adapter to adapter", "src/adapters/system/x.cpp", '#include "adapters/sqlite/driver.hpp"\n', "may not include"),
    ("main past app", "src/main.cpp", '#include "services/rooms.hpp"\n', "main.cpp may not include"),
    ("Beast outside transport", "src/services/x.cpp", "\n# include <boost/beast/core.hpp>\n", "src/services/x.cpp:2: only tr"),
    ("Asio in the domain", "src/domain/x.hpp", "#include <boost/asio/post.hpp>\n", "domain and wire are plain"),
    ("a coroutine in the codec", "src/wire/x.hpp", '#include "base/task.hpp"\n', "domain and wire are plain"),
    ("the clock", "src/services/x.cpp", "auto t = system_clock::now();\n", "the time of day comes from"),
    ("the old clock", "src/transport/x.cpp", "auto t = time(nullptr);\n", "the time of day comes from"),
    ("a relative include", "src/services/x.cpp", '#include "rooms.hpp"\n', "is not below src/"),
    ("angle brackets", "src/services/x.cpp", "#include <domain/room.hpp>\n", "is a header of this project"),
    ("a stray folder", "src/helpers/x.cpp", "\n", "src/helpers/x.cpp:1: its folder is no module"),
    ("a table upwards", "CMakeLists.txt", TABLE + "izpo_module(x DEPENDS adapters/system)\n", "only app names adapters"),
    ("a table with an unknown", "CMakeLists.txt", TABLE + "izpo_module(x DEPENDS y)\n", "y, which is no module"),
    ("a table in a ring", "CMakeLists.txt", TABLE + "izpo_module(x DEPENDS y)\nizpo_module(y DEPENDS x)\n", "each other"),
    ("no table", "CMakeLists.txt", "project(x)\n", "no izpo_module() line"),
]


def run_on(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"CMakeLists.txt": TABLE, **files}.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run([CHECK, folder], capture_output=True, text=True, check=False)


class CheckLayers(unittest.TestCase):
    def test_a_tree_that_keeps_the_rules(self):
        result = run_on(GOOD)
        self.assertEqual((result.returncode, result.stdout), (0, "The layers hold.\n"))

    def test_each_violation_is_found_alone(self):
        for what, name, text, expected in BAD:
            with self.subTest(what):
                result = run_on({**GOOD, name: text})
                self.assertEqual(result.returncode, 1)
                self.assertIn(expected, result.stdout)
                if name != "CMakeLists.txt":
                    self.assertEqual(len(result.stdout.splitlines()), 1, result.stdout)


if __name__ == "__main__":
    unittest.main()
