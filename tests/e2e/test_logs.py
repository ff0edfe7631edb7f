# SPDX-License-Identifier: Apache-2.0
"""The two logs: where they lie, what stands in them, and what nobody can put into them."""

import json
import os
import pathlib
import re
import secrets
import stat

import pytest

from command_line import BINARY, kodewar, start, stop

MOUNT = "#include <stdio.h>\n#include <sys/mount.h>\nint main(void)\n{\n\tfor (int i = 0; i < %d; i++)\n" \
        '\t\tmount("a", "/tmp", "tmpfs", 0, "");\n\treturn 0;\n}\n'
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) \S.*")


class Logs:
    """A log directory of one test, and runs that write to it."""

    def __init__(self, path):
        self.path = path

    def judge(self, code, language="python", **fields):
        body = {"code": code, "language": language, **fields}
        return kodewar("run", "--log-dir", self.path, "-", stdin=json.dumps(body).encode())

    @property
    def application(self):
        return (self.path / "sandbox.log").read_text().splitlines()

    @property
    def security(self):
        return [json.loads(line) for line in (self.path / "security.log").read_text().splitlines()]


@pytest.fixture(name="logs")
def fixture_logs(tmp_path):
    return Logs(tmp_path / "logs")


class TestPlace:
    def expected(self):
        root = pathlib.Path(BINARY).resolve().parent.parent
        in_tree = pathlib.Path(BINARY).resolve().parent.name.startswith("build") and (root / "languages").is_dir()
        return root / "backend" / "logs" if in_tree else pathlib.Path("/var/log/kodewar")

    @pytest.mark.parametrize("name", ["sandbox.log", "security.log"])
    def test_logs_lie_beside_the_source_or_in_var_log(self, tmp_path, name):
        path = self.expected() / name
        before = path.stat().st_size if path.exists() else 0
        body = {"code": MOUNT % 1, "language": "c"}
        result = json.loads(kodewar("run", "-", stdin=json.dumps(body).encode(), cwd=tmp_path).stdout)
        with open(path, encoding="utf-8") as log:
            log.seek(before)
            assert result["id"] in log.read()

    def test_the_directory_is_made_and_is_not_roots(self, logs):
        assert logs.judge("print(1)").returncode == 0
        there = logs.path.stat()
        assert there.st_uid != 0 and there.st_gid != 0
        assert stat.S_IMODE(there.st_mode) == 0o750

    @pytest.mark.parametrize("name", ["sandbox.log", "security.log"])
    def test_the_files_belong_to_the_gates_user(self, logs, name):
        assert logs.judge("print(1)").returncode == 0
        there = (logs.path / name).stat()
        assert there.st_uid == logs.path.stat().st_uid
        assert stat.S_IMODE(there.st_mode) == 0o640

    def test_the_next_run_appends(self, logs):
        ids = [json.loads(logs.judge("print(1)").stdout)["id"] for _ in range(2)]
        text = "\n".join(logs.application)
        assert text.index(ids[0]) < text.index(ids[1])

    @pytest.mark.parametrize("name", ["sandbox.log", "security.log"])
    def test_a_link_in_its_place_is_not_followed(self, logs, tmp_path, name):
        target = tmp_path / "target"
        target.write_text("untouched")
        logs.path.mkdir()
        (logs.path / name).symlink_to(target)
        assert b"nothing is logged" in logs.judge("print(1)").stderr
        assert target.read_text() == "untouched" and target.stat().st_uid == os.getuid()

    def test_a_second_name_of_a_file_is_not_written(self, logs, tmp_path):
        target = tmp_path / "target"
        target.write_text("untouched")
        logs.path.mkdir()
        os.link(target, logs.path / "sandbox.log")
        assert b"nothing is logged" in logs.judge("print(1)").stderr
        assert target.read_text() == "untouched" and target.stat().st_uid == os.getuid()

    def test_a_directory_with_other_files_is_not_taken(self, logs):
        logs.path.mkdir()
        (logs.path / "precious").write_text("x")
        owner = logs.path.stat().st_uid
        assert b"nothing is logged" in logs.judge("print(1)").stderr
        assert logs.path.stat().st_uid == owner


class TestApplicationLog:
    def test_every_line_has_time_level_and_message(self, logs):
        logs.judge("print(1)")
        assert logs.application and all(LINE.fullmatch(line) for line in logs.application)

    def test_a_job_is_logged_with_id_language_and_verdict(self, logs):
        job = json.loads(logs.judge("1/0").stdout)["id"]
        line = [line for line in logs.application if job in line][-1]
        assert "language=python" in line and "verdict=runtime_error" in line

    def test_what_users_send_and_programs_say_is_not_logged(self, logs):
        token = "TOKEN" + secrets.token_hex(8)
        code = f"import sys; print('{token}'); print('{token}', file=sys.stderr)"
        logs.judge(code, test_cases=[{"input": token, "expected": token}])
        for name in ("sandbox.log", "security.log"):
            assert token not in (logs.path / name).read_text()

    def test_a_run_that_is_signalled_is_logged(self, logs, tmp_path):
        path = tmp_path / "main.py"
        path.write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)")
        process = start("run", "--log-dir", logs.path, path)
        try:
            assert process.stdout.readline() == b"ready\n"
            process.terminate()
            process.wait(timeout=20)
        finally:
            stop(process)
        assert any("cancelled" in line for line in logs.application)


class TestSecurityLog:
    def test_nothing_is_logged_of_a_quiet_program(self, logs):
        logs.judge("print(1)")
        assert logs.security == []

    def test_a_denied_call_is_one_line_with_job_language_name_arguments_and_count(self, logs):
        job = json.loads(logs.judge(MOUNT % 1, "c").stdout)["id"]
        event, = logs.security
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", event["time"])
        assert event["job"] == job and event["language"] == "c" and event["syscall"] == "mount"
        assert event["count"] == 1
        assert isinstance(event["args"], list) and len(event["args"]) == 6

    def test_numbers_of_arguments_are_logged_never_what_they_point_to(self, logs):
        token = "TOKEN" + secrets.token_hex(8)
        code = MOUNT.replace('"a", "/tmp"', f'"{token}", "/tmp"') % 1
        logs.judge(code, "c")
        assert len(logs.security) == 1
        assert token not in (logs.path / "security.log").read_text()

    def test_a_flood_is_capped(self, logs):
        result = json.loads(logs.judge(MOUNT % 100000, "c", limits={"cpu_ms": 2000}).stdout)
        assert result["verdict"] == "security_violation"
        assert 1 <= len(logs.security) <= 120

    def test_a_foreign_abi_is_logged(self, logs):
        code = "int main(void)\n{\n\tlong r;\n\t__asm__ volatile(\"int $0x80\" : \"=a\"(r) : \"0\"(20L) : \"memory\");\n" \
               "\treturn r == 0;\n}\n"
        result = json.loads(logs.judge(code, "c").stdout)
        assert result["verdict"] == "security_violation"
        assert any(event["job"] == result["id"] for event in logs.security)

    def test_a_refused_request_is_logged(self, logs):
        assert kodewar("run", "--log-dir", logs.path, "-", stdin=b'{"code": 1}').returncode == 2
        event, = logs.security
        assert (event["event"], event["field"], event["rule"]) == ("refused_request", "code", "must be a string")

    def test_a_request_cannot_write_lines_of_its_own(self, logs):
        name = 'x\n{"forged": true}\r\u2028'
        body = json.dumps({"code": "", "language": name, name: 1}).encode()
        assert kodewar("run", "--log-dir", logs.path, "-", stdin=body).returncode == 2
        assert all("forged" not in event for event in logs.security)
        assert all(LINE.fullmatch(line) for line in logs.application)

    def test_events_are_in_the_order_of_time(self, logs):
        for _ in range(2):
            logs.judge(MOUNT % 2, "c")
        times = [event["time"] for event in logs.security]
        assert times and times == sorted(times)
