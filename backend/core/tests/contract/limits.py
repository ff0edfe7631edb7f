# SPDX-License-Identifier: Apache-2.0
"""Limits: their defaults as a program sees them, their settings, and what is measured."""

import json

import pytest

from contract.programs import HELLO, LANGUAGES, SLEEP, c_main

SEEN = """\
import json, os, resource
tmp = os.statvfs('/tmp')
print(json.dumps({
    'nofile': resource.getrlimit(resource.RLIMIT_NOFILE),
    'fsize': resource.getrlimit(resource.RLIMIT_FSIZE),
    'core': resource.getrlimit(resource.RLIMIT_CORE),
    'as': resource.getrlimit(resource.RLIMIT_AS),
    'data': resource.getrlimit(resource.RLIMIT_DATA),
    'tmpfs_bytes': tmp.f_blocks * tmp.f_frsize,
    'tmpfs_inodes': tmp.f_files,
}))
"""
BURN = "import time\nwhile time.process_time() < %s: pass\nprint(time.process_time())"
# The highest descriptor that can be had, counted from the one that was refused.
OPEN_ALL = "import os\ntry:\n    while True: fd = os.open('/dev/null', os.O_RDONLY)\n" \
           "except OSError as e: print(e.errno, fd)"

NAMES = ["cpu_ms", "wall_ms", "memory_kb", "processes", "open_files", "output_bytes", "disk_kb", "file_kb",
         "total_wall_ms"]


def seen(judge, **limits):
    return json.loads(judge(SEEN, limits=limits)["output"]) if limits else json.loads(judge(SEEN)["output"])


class TestDefaultLimits:
    def test_1024_descriptors(self, judge):
        assert seen(judge)["nofile"] == [1024, 1024]

    def test_file_size_64_mb(self, judge):
        assert seen(judge)["fsize"] == [64 << 20, 64 << 20]

    def test_rlimit_core_1(self, judge):
        assert seen(judge)["core"] == [1, 1]

    def test_rlimit_as_and_data_are_not_memory_limits(self, judge):
        assert seen(judge)["as"] == [-1, -1] and seen(judge)["data"] == [-1, -1]

    def test_64_mb_and_4096_inodes_of_tmpfs(self, judge):
        assert seen(judge)["tmpfs_bytes"] == 64 << 20
        assert seen(judge)["tmpfs_inodes"] == 4096

    def test_memory_512_mb_no_swap(self, judge):
        grow = c_main("\tsize_t n = %s;\n\tchar *p = malloc(n);\n\tfor (size_t i = 0; i < n; i += 4096)\n\t\tp[i] = 1;\n"
                      '\tputs("ok");')
        assert judge(grow % "440ul << 20", "c")["verdict"] == "accepted"
        assert judge(grow % "560ul << 20", "c")["verdict"] == "memory_limit"

    def test_one_cpu(self, judge):
        code = "import os, time\nos.fork()\nend = time.monotonic() + 0.6\nwhile time.monotonic() < end: pass\n" \
               "try: os.wait()\nexcept ChildProcessError: os._exit(0)"
        usage = judge(code)["usage"]
        assert usage["cpu_ms"] < usage["wall_ms"] * 1.2 + 100


class TestRequestLimits:
    def test_open_files(self, judge):
        assert seen(judge, open_files=32)["nofile"] == [32, 32]
        assert judge(OPEN_ALL, limits={"open_files": 32})["output"] == "24 31\n"

    def test_file_kb(self, judge):
        assert seen(judge, file_kb=128)["fsize"] == [131072, 131072]

    def test_disk_kb(self, judge):
        assert seen(judge, disk_kb=4096)["tmpfs_bytes"] == 4 << 20

    def test_disk_kb_can_be_filled(self, judge):
        code = "n = 0\ntry:\n    with open('/tmp/x', 'wb', buffering=0) as f:\n" \
               "        while True: n += f.write(b'x' * 4096)\nexcept OSError as e: print(e.errno, n)"
        error, size = judge(code, limits={"disk_kb": 1024})["output"].split()
        # The source lies there too.
        assert error == "28" and (1 << 20) - 8192 <= int(size) <= 1 << 20

    def test_disk_is_one_for_tmp_box_and_dev_shm(self, judge):
        code = "import os\nfree = lambda: [os.statvfs(d).f_bfree for d in ('/tmp', '/box', '/dev/shm')]\n" \
               "before = free()\nopen('/tmp/x', 'wb').write(b'x' * 65536)\nafter = free()\n" \
               "print(len(set(before)), len(set(after)), before[0] - after[0] >= 16)"
        assert judge(code)["output"] == "1 1 True\n"

    def test_a_limit_may_be_above_the_default(self, judge):
        assert seen(judge, open_files=2048, disk_kb=131072)["tmpfs_bytes"] == 128 << 20

    @pytest.mark.parametrize("name", NAMES)
    def test_every_limit_can_be_set(self, judge, name):
        assert judge(HELLO["python"], limits={name: 250000 if name == "memory_kb" else 3000})["output"] == "hello\n"

    def test_limits_may_be_empty(self, judge):
        assert judge(HELLO["python"], limits={})["output"] == "hello\n"

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", NAMES)
    def test_the_least_limits_are_judged_not_broken(self, judge, name, language):
        allowed = {"cpu_ms": {"time_limit"}, "wall_ms": {"time_limit"}, "total_wall_ms": {"time_limit"},
                   "memory_kb": {"memory_limit"}, "processes": {"process_limit"}, "open_files": {"runtime_error"},
                   "output_bytes": {"output_limit"}, "disk_kb": {"disk_limit"}, "file_kb": {"disk_limit"}}
        result = judge(HELLO[language], language, limits={name: 1})
        assert result["verdict"] in allowed[name] | {"accepted"}

    def test_a_program_gets_its_disk_beside_its_own_artefact(self, judge):
        code = "char big[1 << 21] = {1};\n" + c_main('\tFILE *f = fopen("/tmp/x", "w");\n\tfwrite(big, 1, 4096, f);\n'
                                                     "\treturn fclose(f);")
        assert judge(code, "c", limits={"disk_kb": 4})["verdict"] == "accepted"

    def test_a_program_gets_its_disk_beside_the_files_of_the_request(self, judge):
        code = "print(open('x', 'wb', buffering=0).write(b'x' * 4096))"
        result = judge(code, limits={"disk_kb": 4}, files=[{"name": "big", "content": "x" * 100000}])
        assert result["output"] == "4096\n"

    def test_files_that_do_not_fit_in_memory_are_memory_limit(self, judge):
        result = judge(HELLO["python"], limits={"memory_kb": 4096},
                       files=[{"name": "big", "content": "x" * (8 << 20)}])
        assert result["verdict"] == "memory_limit"

    def test_total_wall_ms_bounds_one_box_too(self, judge):
        result = judge(SLEEP["python"], limits={"total_wall_ms": 500})
        assert result["verdict"] == "time_limit" and "total_wall_ms" in result["limits_hit"]


class TestLimitsPerCase:
    def test_a_test_case_may_carry_its_own(self, judge):
        code = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
        result = judge(code, limits={"open_files": 40}, test_cases=[
            {"input": "", "expected": "40"},
            {"input": "", "expected": "50", "limits": {"open_files": 50}},
            {"input": "", "expected": "40", "limits": {}}])
        assert [case["passed"] for case in result["test_results"]] == [True, True, True]

    def test_a_case_over_its_own_limit_alone_fails(self, judge):
        code = "import time; time.sleep(0.7); print('x')"
        result = judge(code, test_cases=[
            {"input": "", "expected": "x", "limits": {"wall_ms": 300}}, {"input": "", "expected": "x"}])
        assert [case["verdict"] for case in result["test_results"]] == ["time_limit", "accepted"]


class TestUsage:
    def test_memory_kb_rises_with_what_is_allocated(self, judge):
        small = judge(HELLO["python"])["usage"]["memory_kb"]
        large = judge("x = bytearray(b'x') * (100 << 20); print(len(x))")["usage"]["memory_kb"]
        assert 100 < small < 60 * 1024
        assert 98 * 1024 <= large - small <= 120 * 1024

    def test_memory_kb_counts_all_processes(self, judge):
        code = "import os, time\nfor _ in range(2):\n    if os.fork() == 0:\n        x = bytearray(b'x') * (40 << 20)\n" \
               "        os.write(1, b'.'); time.sleep(0.5); os._exit(0)\nos.wait(); os.wait()"
        assert judge(code)["usage"]["memory_kb"] >= 80 * 1024

    def test_memory_kb_is_the_peak(self, judge):
        result = judge("x = bytearray(b'x') * (100 << 20)\ndel x\nprint('small again')")
        assert result["usage"]["memory_kb"] >= 100 * 1024

    def test_memory_kb_starts_anew_in_every_box(self, judge):
        code = "x = bytearray(b'x') * (int(input()) << 20)"
        result = judge(code, test_cases=[{"input": n, "expected": ""} for n in ("100", "1") * 3])
        for case in result["test_results"][1::2]:
            assert case["usage"]["memory_kb"] < 60 * 1024

    def test_cpu_ms_is_what_was_burnt(self, judge):
        result = judge(BURN % 0.3)
        burnt = float(result["output"]) * 1000
        assert burnt - 1 <= result["usage"]["cpu_ms"] <= burnt + 150

    def test_cpu_ms_counts_children(self, judge):
        code = "import os, time\nif os.fork() == 0:\n    while time.process_time() < 0.3: pass\n    os._exit(0)\nos.wait()"
        assert judge(code)["usage"]["cpu_ms"] >= 300

    def test_a_sleeper_uses_wall_and_no_cpu(self, judge):
        usage = judge("import time; time.sleep(0.5)")["usage"]
        assert usage["wall_ms"] >= 500 and usage["cpu_ms"] < 250
