# SPDX-License-Identifier: Apache-2.0
"""Verdicts, each reached by a real program, in their order of precedence."""

import pytest

from contract.programs import (
    ABORT, EAT_MEMORY, EXIT_137, FAIL, FILL_DISK, HELLO, KILL_SELF, LANGUAGES, SLEEP, SPIN, c_main)


def c_program(head, body):
    return head + c_main(body, ["errno.h", "sys/syscall.h", "sys/mount.h", "sys/wait.h", "fcntl.h"])


class TestMemoryLimit:
    LIMITS = {"memory_kb": 131072, "cpu_ms": 3000}

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_memory_beyond_the_limit_is_memory_limit(self, judge, language):
        result = judge(EAT_MEMORY[language], language, limits=self.LIMITS)
        assert result["verdict"] == "memory_limit" and "memory_kb" in result["limits_hit"]

    def test_error_names_the_limit(self, judge):
        sentence = judge(EAT_MEMORY["c"], "c", limits=self.LIMITS)["error"].splitlines()[0].lower()
        assert "memory" in sentence and ("128" in sentence or "131072" in sentence)

    def test_a_child_that_ate_the_memory_while_its_parent_printed_the_right_answer(self, judge):
        code = "import os\nif os.fork() == 0:\n    kept = []\n    while True: kept.append(b'x' * (1 << 22))\n" \
               "os.wait()\nprint(49)"
        result = judge(code, limits=self.LIMITS, test_cases=[{"input": "", "expected": "49"}])
        assert result["verdict"] == "memory_limit" and not result["test_results"][0]["passed"]

    def test_memory_limit_whatever_the_exit_code(self, judge):
        code = "import os\nif os.fork() == 0:\n    kept = []\n    while True: kept.append(b'x' * (1 << 22))\n" \
               "os.wait()\nos._exit(3)"
        assert judge(code, limits=self.LIMITS)["verdict"] == "memory_limit"

    def test_tmpfs_is_charged_to_memory(self, judge):
        code = "import os\nwith open('/tmp/big', 'wb', buffering=0) as f:\n" \
               "    for _ in range(60): f.write(b'x' * (1 << 20))"
        assert judge(code, limits={"memory_kb": 32768})["verdict"] == "memory_limit"

    def test_a_memory_error_of_the_program_itself_is_not_the_limit(self, judge):
        assert judge("raise MemoryError")["verdict"] == "runtime_error"

    def test_address_space_is_not_memory(self, judge):
        code = "import mmap; m = mmap.mmap(-1, 4 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)\n" \
               "m[0] = 1; print(len(m) >> 30)"
        result = judge(code, limits=self.LIMITS)
        assert result["verdict"] == "accepted" and result["output"] == "4\n"


class TestTimeLimit:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_cpu_beyond_the_limit_is_time_limit_with_cpu_named(self, judge, language):
        result = judge(SPIN[language], language, limits={"cpu_ms": 400, "wall_ms": 5000})
        assert result["verdict"] == "time_limit" and "cpu_ms" in result["limits_hit"]
        sentence = result["error"].splitlines()[0].lower()
        assert "cpu" in sentence and "wall" not in sentence

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_wall_beyond_the_limit_is_time_limit_with_wall_named(self, judge, language):
        result = judge(SLEEP[language], language, limits={"wall_ms": 500})
        assert result["verdict"] == "time_limit" and "wall_ms" in result["limits_hit"]
        sentence = result["error"].splitlines()[0].lower()
        assert "wall" in sentence and "cpu" not in sentence

    def test_cpu_of_all_processes_together(self, judge):
        # Neither burns the limit alone.
        code = "import os, time\nkids = [os.fork() for _ in range(2)]\nend = 0.35\n" \
               "while time.process_time() < end: pass"
        assert judge(code, limits={"cpu_ms": 600, "wall_ms": 9000})["verdict"] == "time_limit"

    def test_cpu_of_children_that_have_ended_counts(self, judge):
        code = "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n" \
               "        while time.process_time() < 0.25: pass\n        os._exit(0)\n    os.wait()"
        assert judge(code, limits={"cpu_ms": 500, "wall_ms": 9000})["verdict"] == "time_limit"

    def test_a_program_that_ignores_signals_is_dead_all_the_same(self, judge):
        code = "import signal, time\nfor s in set(signal.Signals) - {9, 19}: signal.signal(s, signal.SIG_IGN)\n" \
               "print('deaf', flush=True)\ntime.sleep(60)"
        result = judge(code, limits={"wall_ms": 500})
        assert result["verdict"] == "time_limit" and result["output"] == "deaf\n"

    def test_output_before_the_limit_is_kept(self, judge):
        result = judge("import time; print('early', flush=True); time.sleep(60)", limits={"wall_ms": 500})
        assert result["output"] == "early\n"

    def test_an_overrun_ends_soon_after_its_limit(self, judge):
        usage = judge(SLEEP["python"], limits={"wall_ms": 300})["usage"]
        assert 300 <= usage["wall_ms"] < 600


class TestDiskLimit:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_full_disk_and_a_failing_program_is_disk_limit(self, judge, language):
        result = judge(FILL_DISK[language], language, limits={"disk_kb": 1024})
        assert result["verdict"] == "disk_limit" and "disk_kb" in result["limits_hit"]

    def test_no_inode_left_and_a_failing_program_is_disk_limit(self, judge):
        code = "for n in range(5000): open(f'/tmp/{n}', 'w').close()"
        result = judge(code)
        assert result["verdict"] == "disk_limit" and "disk_kb" in result["limits_hit"]

    def test_a_full_disk_survived_is_listed_and_changes_nothing(self, judge):
        code = "try:\n    with open('/tmp/big', 'wb', buffering=0) as f:\n" \
               "        while True: f.write(b'x' * 65536)\n" \
               "except OSError as e: print(e.errno)"
        result = judge(code, limits={"disk_kb": 1024}, test_cases=[{"input": "", "expected": "28"}])
        assert result["verdict"] == "accepted" and result["limits_hit"] == ["disk_kb"]

    def test_sigxfsz_is_disk_limit(self, judge):
        code = c_program("", '\tstatic char b[4096];\n\tint f = open("big", O_CREAT | O_WRONLY, 0600);\n'
                             "\tfor (;;)\n\t\tif (write(f, b, sizeof(b)) < 0)\n\t\t\treturn 1;")
        result = judge(code, "c", limits={"file_kb": 64})
        assert result["verdict"] == "disk_limit" and result["signal"] == "SIGXFSZ"
        assert "file_kb" in result["limits_hit"]

    def test_exactly_the_file_size_is_allowed(self, judge):
        result = judge("open('f', 'wb').write(b'x' * 65536)", limits={"file_kb": 64})
        assert result["verdict"] == "accepted"

    def test_a_disk_freed_again_is_no_disk_limit(self, judge):
        code = "import os\ntry:\n    with open('/tmp/big', 'wb', buffering=0) as f:\n" \
               "        while True: f.write(b'x' * 65536)\n" \
               "except OSError: os.unlink('/tmp/big')\nraise SystemExit(1)"
        assert judge(code, limits={"disk_kb": 1024})["verdict"] == "runtime_error"


class TestProcessLimit:
    BOMB = "import os, time\nn = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(60)\n        n += 1\n" \
           "except BlockingIOError: print(n)\n"

    def test_a_refused_process_and_a_failing_program_is_process_limit(self, judge):
        result = judge(self.BOMB + "raise SystemExit(1)", limits={"processes": 8})
        assert result["verdict"] == "process_limit" and "processes" in result["limits_hit"]

    def test_a_refused_process_survived_is_listed_and_changes_nothing(self, judge):
        result = judge(self.BOMB, limits={"processes": 8})
        assert result["verdict"] == "accepted" and result["limits_hit"] == ["processes"]

    def test_the_limit_counts_the_program_and_nothing_of_ours(self, judge):
        assert judge(self.BOMB, limits={"processes": 8})["output"] == "7\n"
        assert judge(self.BOMB, limits={"processes": 1})["output"] == "0\n"

    def test_threads_count_as_processes(self, judge):
        code = "import threading, time\nn = 0\ntry:\n    while True:\n" \
               "        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n        n += 1\n" \
               "except RuntimeError: print(n)\n"
        result = judge(code, limits={"processes": 8})
        assert result["output"] == "7\n" and "processes" in result["limits_hit"]

    def test_the_default_is_64(self, judge):
        assert judge(self.BOMB)["output"] == "63\n"

    def test_node_runs_with_the_default(self, judge):
        code = "require('crypto').pbkdf2('a', 'b', 1, 8, 'sha1', (e, k) => console.log(k.length))"
        assert judge(code, "javascript")["output"] == "8\n"


class TestCompileError:
    BROKEN = "int main(void) { return undeclared; }\n"

    def test_what_the_compiler_refuses_is_compile_error(self, judge):
        result = judge(self.BROKEN, "c")
        assert result["verdict"] == "compile_error" and result["status"] == "error"

    def test_compile_tells_what_the_compiler_said(self, judge):
        compile_ = judge(self.BROKEN, "c")["compile"]
        assert compile_["exit_code"] == 1
        assert "undeclared" in compile_["output"] and "error:" in compile_["output"]

    def test_error_holds_what_the_compiler_said(self, judge):
        assert "undeclared" in judge(self.BROKEN, "c")["error"]

    def test_nothing_has_run(self, judge):
        result = judge(self.BROKEN, "c")
        assert result["output"] == "" and result["usage"] == {"cpu_ms": 0, "wall_ms": 0, "memory_kb": 0}

    def test_a_warning_is_no_error(self, judge):
        result = judge("int main(void) { int x = \"text\"; return x == 0; }", "c")
        assert result["verdict"] == "accepted"
        assert "warning:" in result["compile"]["output"]

    def test_the_compiler_is_bounded_too(self, judge):
        result = judge('#include "/dev/zero"\n' + HELLO["c"], "c", limits={"wall_ms": 1500, "cpu_ms": 1500})
        assert result["verdict"] in ("time_limit", "memory_limit", "output_limit", "compile_error")
        assert result["status"] == "error"

    @pytest.mark.parametrize("language, code, words", [
        ("python", "def f(:\n    pass", "SyntaxError"),
        ("python", "  x = 1", "IndentationError"),
        ("javascript", "function (", "SyntaxError")])
    def test_a_syntax_error_without_a_compile_step_is_a_runtime_error(self, judge, language, code, words):
        result = judge(code, language)
        assert result["verdict"] == "runtime_error" and result["compile"] is None
        assert words in result["stderr"] and words in result["error"]


class TestRuntimeError:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_another_exit_code_is_a_runtime_error(self, judge, language):
        assert judge(FAIL[language], language)["verdict"] == "runtime_error"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_program_that_raises_sigkill_has_a_runtime_error(self, judge, language):
        result = judge(KILL_SELF[language], language)
        assert result["verdict"] == "runtime_error"
        assert result["signal"] == "SIGKILL" and result["exit_code"] is None

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_program_that_exits_137_has_a_runtime_error(self, judge, language):
        result = judge(EXIT_137[language], language)
        assert result["verdict"] == "runtime_error"
        assert result["exit_code"] == 137 and result["signal"] is None

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_abort_is_told_as_sigabrt(self, judge, language):
        result = judge(ABORT[language], language)
        assert (result["verdict"], result["signal"]) == ("runtime_error", "SIGABRT")

    @pytest.mark.parametrize("body, name", [
        ("\t*(volatile int *)8 = 1;", "SIGSEGV"),
        ("\tvolatile int zero = 0;\n\treturn 42 / zero;", "SIGFPE"),
        ("\t__builtin_trap();", "SIGILL"),
        ("\tkill(getpid(), SIGTERM);\n\tpause();", "SIGTERM"),
        ("\tkill(getpid(), SIGXCPU);\n\tpause();", "SIGXCPU"),
    ])
    def test_the_signal_is_told_by_name(self, judge, body, name):
        result = judge(c_main(body, ["signal.h"]), "c")
        assert (result["verdict"], result["signal"]) == ("runtime_error", name)

    @pytest.mark.parametrize("language, code, words", [
        ("python", "print(1/0)", "ZeroDivisionError"),
        ("javascript", "null.x", "TypeError"),
        ("javascript", "Promise.reject(new Error('unseen'))", "unseen")])
    def test_an_exception_is_a_runtime_error_with_its_trace(self, judge, language, code, words):
        result = judge(code, language)
        assert result["verdict"] == "runtime_error" and result["exit_code"] == 1
        assert words in result["stderr"] and words in result["error"]

    def test_deep_recursion_is_a_runtime_error(self, judge):
        assert judge("def f(): f()\nf()")["verdict"] == "runtime_error"

    def test_a_raised_sigsys_is_no_foreign_call(self, judge):
        result = judge(c_main("\tkill(getpid(), SIGSYS);\n\tpause();", ["signal.h"]), "c")
        assert (result["verdict"], result["signal"]) == ("runtime_error", "SIGSYS")

    OVERFLOW = "static int f(volatile char *p) { volatile char b[4096]; b[0] = *p; return f(b) + b[0]; }\n" \
               + c_main('\treturn f("x");')

    def test_a_stack_overflow_is_a_runtime_error(self, judge):
        result = judge(self.OVERFLOW, "c")
        assert (result["verdict"], result["signal"]) == ("runtime_error", "SIGSEGV")

    def test_a_stack_that_outgrows_the_memory_is_memory_limit(self, judge):
        assert judge(self.OVERFLOW, "c", limits={"memory_kb": 16384})["verdict"] == "memory_limit"

    def test_a_program_cannot_say_that_it_is_done(self, judge):
        # A child that ends well does not speak for its parent.
        result = judge("import os\nif os.fork() == 0: print(49, flush=True); os._exit(0)\nos.wait(); os._exit(1)",
                       test_cases=[{"input": "", "expected": "49"}])
        assert result["verdict"] == "runtime_error"

    def test_the_programs_end_ends_the_box(self, judge):
        code = "import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(60); print('late', flush=True)\n" \
               "print('done')"
        result = judge(code, limits={"wall_ms": 5000})
        assert result["verdict"] == "accepted" and result["output"] == "done\n"
        assert result["usage"]["wall_ms"] < 4000


class TestDeniedCalls:
    HEAD = "#define _GNU_SOURCE\n"
    MOUNT = '\tfor (int i = 0; i < %d; i++)\n\t\tif (mount("a", "/tmp", "tmpfs", 0, "") == 0 || errno != EPERM)\n' \
            "\t\t\treturn 1;\n\tputs(\"ok\");"

    def test_a_denied_call_alone_changes_nothing(self, judge):
        result = judge(c_program(self.HEAD, self.MOUNT % 1), "c")
        assert result["verdict"] == "accepted" and result["output"] == "ok\n"

    def test_a_denied_call_is_listed(self, judge):
        result = judge(c_program(self.HEAD, self.MOUNT % 3), "c")
        assert result["denied_syscalls"] == [{"name": "mount", "count": 3}]

    def test_denied_calls_are_listed_by_name(self, judge):
        calls = ["unshare", "ptrace", "bpf", "keyctl", "setns", "perf_event_open"]
        body = "".join(f"\tif (syscall(SYS_{name}, -1, 0, 0, 0, 0) != -1 || errno != EPERM)\n\t\treturn 1;\n"
                       for name in calls)
        result = judge(c_program(self.HEAD, body), "c")
        assert result["verdict"] == "accepted"
        assert sorted(d["name"] for d in result["denied_syscalls"]) == sorted(calls)

    def test_100_denied_calls_are_allowed(self, judge):
        result = judge(c_program(self.HEAD, self.MOUNT % 100), "c")
        assert result["verdict"] == "accepted"
        assert result["denied_syscalls"] == [{"name": "mount", "count": 100}]

    def test_more_than_100_in_a_box_end_it(self, judge):
        result = judge(c_program(self.HEAD, self.MOUNT % 100000), "c", limits={"cpu_ms": 2000})
        assert result["verdict"] == "security_violation" and result["output"] == ""
        assert result["denied_syscalls"][0]["name"] == "mount"
        assert result["denied_syscalls"][0]["count"] >= 101

    def test_denied_calls_of_children_count(self, judge):
        body = "\tfor (int k = 0; k < 3; k++) {\n\t\tif (fork() == 0) {\n\t\t\tfor (int i = 0; i < 50; i++)\n" \
               '\t\t\t\tmount("a", "/tmp", "tmpfs", 0, "");\n\t\t\t_exit(0);\n\t\t}\n\t\twait(NULL);\n\t}\n\tputs("ok");'
        assert judge(c_program(self.HEAD, body), "c")["verdict"] == "security_violation"

    def test_denied_calls_are_counted_per_case_and_summed(self, judge):
        result = judge(c_program(self.HEAD, self.MOUNT % 60), "c", test_cases=[{"input": "", "expected": "ok"}] * 2)
        assert result["verdict"] == "accepted"
        assert [case["denied_syscalls"] for case in result["test_results"]] == [[{"name": "mount", "count": 60}]] * 2
        assert result["denied_syscalls"] == [{"name": "mount", "count": 120}]

    def test_a_foreign_abi_is_a_security_violation(self, judge):
        body = '\tlong r;\n\t__asm__ volatile("int $0x80" : "=a"(r) : "0"(20L) : "memory");\n\tprintf("%ld\\n", r);'
        result = judge(c_program(self.HEAD, body), "c")
        assert result["verdict"] == "security_violation" and result["output"] == ""

    def test_x32_is_a_security_violation(self, judge):
        body = '\tprintf("%ld\\n", syscall(0x40000000 + SYS_getpid));'
        result = judge(c_program(self.HEAD, body), "c")
        assert result["verdict"] == "security_violation" and result["output"] == ""

    def test_error_says_what_was_done(self, judge):
        result = judge(c_program(self.HEAD, self.MOUNT % 100000), "c", limits={"cpu_ms": 2000})
        assert "denied" in result["error"].splitlines()[0].lower()
