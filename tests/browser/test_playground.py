# SPDX-License-Identifier: Apache-2.0
"""The playground as people use it: in Chromium, on the real service."""

import json
import subprocess
import time

import pytest
from served import BINARY, ROOT, Served
from visit import Visit

ENDLESS = "while True: pass"


# Gives points for a line that is near, cannot read one that is no number, and says why.
CHECKER = """import sys
answer, output = (open(sys.argv[i]).read().strip() for i in (3, 2))
if not output.isdigit():
    sys.exit(sys.stderr.write(f"{output!r} is no number") and 2)
far = abs(int(answer) - int(output))
sys.exit(sys.stderr.write(f"points {max(0, 10 - far)} off by {far}") and 7)"""
SCORED = {
    "language": "python", "code": "n = int(input())\nprint(n * n if n < 3 else n * n - 4 if n < 5 else 'many')",
    "checker": {"language": "python", "code": CHECKER},
    "groups": [{"name": "small", "points": 30}, {"name": "large", "points": 50, "score": "sum"},
               {"name": "huge", "points": 20, "depends": ["large"]}],
    "test_cases": [{"input": str(n), "expected": str(n * n), "points": 10, "group": "small" if n < 3 else "large" if n < 9 else "huge"}
                   for n in (1, 2, 3, 7, 9)]}
CALLED = {"language": "python", "code": "def add(a, b):\n    print('adds')\n    return {'sum': a + b}", "function": {"name": "add"},
          "test_cases": [{"input": "[1, 2]", "expected": '{"sum": 3}'}, {"input": "[1, 2]", "expected": '{"sum": 4}'}]}


def result_text(visit):
    return visit.page.locator(".result .pane").inner_text()


def test_an_example_passes(visit):
    page = visit.open()
    page.get_by_role("button", name="Run").click()
    visit.verdict("accepted")
    assert "2 of 2 cases passed." in result_text(visit)
    assert page.locator(".case").count() == 2
    assert page.locator(".input .case-number[data-state=good]").count() == 2
    for name in ("Cpu", "Wall", "Memory"):
        assert page.locator(f"progress[aria-label^='{name}: ']").count() == 1
    visit.shot("accepted")


def test_a_wrong_answer_shows_what_differs(visit):
    page = visit.open()
    visit.write("print(41)")
    page.keyboard.press("Control+Enter")
    visit.verdict("wrong_answer")
    row = page.locator(".case").first.locator(".diff .row.changed").first
    assert row.locator("code").all_inner_texts() == ["3", "41"]
    assert row.locator("mark.got").inner_text() == "41"
    assert page.locator(".input .case-number[data-state=bad]").count() == 2
    visit.shot("wrong-answer")


def test_blanks_that_differ_are_visible(visit):
    page = visit.open()
    visit.write("print('a  b')")
    page.get_by_label("Expected output of case 1").fill("a b")
    page.get_by_label("Remove case 2").click()
    page.keyboard.press("Control+Enter")
    visit.verdict("wrong_answer")
    assert page.locator("mark.got").inner_text() == "·"


def test_the_first_difference_is_told_and_what_has_no_ink_is_seen(visit):
    page = visit.judge({"language": "python", "code": "print('a\\u200bb\\u202ec', end='')", "compare": "exact",
                        "test_cases": [{"input": "", "expected": "ab\u202ec"}, {"input": "", "expected": "a\u200bb\u202ec\n"}]}, "wrong_answer")
    first, second = page.locator(".case").all()
    assert first.locator(".first h3").inner_text() == "First difference: line 1, column 2"
    assert first.locator(".first code").all_inner_texts() == ["ab\\u{202e}c", "a\\u{200b}b\\u{202e}c"]
    assert first.locator(".diff .row code").all_inner_texts() == ["ab\\u{202e}c", "a\\u{200b}b\\u{202e}c"]
    assert first.locator("mark.got").inner_text() == "\\u{200b}"
    assert "the newline at the end" in second.locator(".diff").inner_text()
    visit.shot("no-ink")


def test_a_far_difference_in_a_long_line_is_in_sight(visit):
    page = visit.judge({"language": "python", "code": "print('x' * 9000 + 'y')",
                        "test_cases": [{"input": "", "expected": "x" * 9000 + "z"}]}, "wrong_answer")
    assert page.locator(".diff mark").all_inner_texts() == ["z", "y"]


def test_scores_groups_and_what_the_checker_said(visit):
    page = visit.judge(SCORED, "partial")
    assert "2 of 5 cases passed. Score: 45 of 100." in result_text(visit)
    visit.shot("scored")
    assert page.locator(".groups li .badge").all_inner_texts() == ["Accepted", "Partly right", "Not run"]
    assert page.locator(".groups li .value").all_inner_texts() == ["30 of 30", "15 of 50", "0 of 20"]
    assert page.locator(".case summary .points").all_inner_texts() == ["10 of 10", "10 of 10", "6 of 10", "0 of 10", "0 of 10"]
    third, fourth, fifth = (page.locator(".case").nth(n) for n in (2, 3, 4))
    assert "off by 4" in third.locator(".said").inner_text() and third.locator(".badge").inner_text() == "Partly right"
    assert "'many' is no number" in fourth.locator(".said").inner_text() and fourth.locator(".badge").inner_text() == "Presentation error"
    assert page.locator(".diff").count() == 0, "who has a checker is not told by lines that differ"
    fifth.locator("summary").click()
    assert "on which its group depends, was not passed" in fifth.locator(".sentence").inner_text()
    assert page.locator(".besides").all_inner_texts()[0] == "10 points · group small"
    assert page.locator(".input .case-number[data-state=warn]").count() == 1


def test_values_of_a_function_are_shown(visit):
    page = visit.judge(CALLED, "wrong_answer")
    second = page.locator(".case").nth(1)
    assert second.locator(".block h3").all_inner_texts() == ["Value that was expected", "Value that was returned", "Arguments",
                                                             "Printed, and stderr"]
    assert [pre.replace(" ", "") for pre in second.locator("pre").all_inner_texts()] == ['{"sum":4}', '{"sum":3}', "[1,2]", "adds\n"]
    visit.shot("function")


def test_files_and_runs_are_shown(visit):
    code = "n = int(input())\nopen('out.txt', 'w').write(f'{n}\\n{n * n}\\n')\nwhile n == 9: pass"
    page = visit.judge({"language": "python", "code": code, "output_files": ["log.txt"], "repeat": 1, "limits": {"cpu_ms": 200},
                        "test_cases": [{"input": "7", "expected_files": {"out.txt": "7\n48\n"}}, {"input": "9", "expected": ""}]}, "wrong_answer")
    first, second = page.locator(".case").all()
    assert first.locator(".first h3").inner_text() == "First difference in out.txt: line 2, column 2"
    assert first.locator(".diff .row.changed code").all_inner_texts() == ["48", "49"]
    assert first.locator(".missing li").all_inner_texts() == ["log.txt was not taken: it is not there."]
    assert second.locator(".runs li").count() == 2 and second.locator(".runs li.counted").count() == 1
    assert second.locator(".chip").inner_text() == "2 runs"
    visit.shot("files")


GUESS = """import sys
for _ in range(20):
    n = int(input())
    print("higher" if n < 7 else "lower" if n > 7 else "right", flush=True)
    if n == 7:
        sys.exit(42)
sys.exit(43)"""


def test_a_dialogue_is_shown(visit):
    code = "low, high = 0, 15\nwhile True:\n    n = (low + high) // 2 + 1\n    print(n, flush=True)\n    said = input()\n" \
           "    if said == 'right': break\n    low, high = (n, high) if said == 'higher' else (low, n - 1)"
    page = visit.judge({"language": "python", "code": code, "test_cases": [{"input": "7", "expected": ""}],
                        "interactor": {"language": "python", "protocol": "kattis", "code": GUESS, "transcript": 1000}}, "accepted")
    page.locator(".case summary").click()
    talk = page.locator(".talk li")
    assert talk.nth(0).inner_text().split() == ["Program:", "8"] and talk.nth(1).inner_text().split() == ["Interactor:", "lower"]
    assert "The interactor says" in page.locator(".said").inner_text()
    visit.shot("dialogue")


def test_a_checker_that_does_not_compile_shows_its_compiler(visit):
    page = visit.judge({**SCORED, "checker": {"language": "c", "code": "int main(void) { return nothing; }"}}, "internal_error")
    assert "nothing" in page.get_by_label("The checker's compiler", exact=True).inner_text()
    visit.shot("checker-broken")


def test_further_fields_are_written_as_json(visit):
    page = visit.open()
    visit.write("import os\nprint(os.environ['NAME'])")
    page.get_by_label("Remove case 2").click()
    page.get_by_label("Expected output of case 1").fill("Ada")
    page.get_by_role("tab", name="Options").click()
    field = page.locator("textarea[name=others]")
    field.fill('{"env": ')
    assert "Not sent" in page.locator(".fault").inner_text()
    field.fill('{"env": {"NAME": "Ada"}}')
    page.get_by_role("button", name="Run").click()
    visit.verdict("accepted")


def test_limits_can_be_set_and_are_shown(visit):
    page = visit.open()
    visit.write(ENDLESS)
    page.get_by_role("tab", name="Options").click()
    page.locator("input[name=cpu_ms]").fill("300")
    page.get_by_role("button", name="Run").click()
    visit.verdict("time_limit")
    assert "of 300 ms" in result_text(visit)
    visit.shot("time-limit")


def test_escape_cancels_and_the_box_dies(visit):
    page = visit.open()
    visit.write(ENDLESS)
    page.keyboard.press("Control+Enter")
    page.get_by_text("Running …").wait_for()
    visit.shot("running")
    page.keyboard.press("Escape")
    visit.verdict("cancelled")
    end = time.monotonic() + 15
    while "kodewar_jobs_running 0\n" not in page.request.get(visit.url + "/metrics").text():
        assert time.monotonic() < end, "the box of a cancelled run still runs"
        time.sleep(0.05)


def test_output_streams_while_it_runs(visit):
    page = visit.open()
    page.get_by_role("tab", name="Stdin").click()
    page.get_by_label("Standard input").fill("hello")
    visit.write("import time; print(input(), flush=True); time.sleep(30)")
    page.keyboard.press("Control+Enter")
    page.locator(".live", has_text="hello").wait_for()
    page.get_by_role("button", name="Cancel").click()
    visit.verdict("cancelled")


def test_languages_come_from_the_service(visit):
    page = visit.open()
    names = page.locator("select[name=language] option").all_inner_texts()
    assert any("Python" in n for n in names) and any("gcc" in n for n in names)
    page.locator("select[name=language]").select_option("c")
    assert "stdio.h" in page.locator(".cm-content").inner_text()
    visit.write("int main(void) { return nothing; }")
    page.keyboard.press("Control+Enter")
    visit.verdict("compile_error")
    assert "nothing" in page.locator(".block.err pre").inner_text()


def test_a_crash_tells_its_evidence(visit):
    page = visit.open()
    page.get_by_role("tab", name="Stdin").click()
    visit.write("import os; os.kill(os.getpid(), 11)")
    page.keyboard.press("Control+Enter")
    visit.verdict("runtime_error")
    assert "SIGSEGV" in result_text(visit)


def test_what_a_program_prints_never_becomes_page(visit):
    page = visit.open()
    visit.write("print('<img src=x onerror=document.title=1><script>document.title=2</script>')")
    page.keyboard.press("Control+Enter")
    visit.verdict("wrong_answer")
    assert "<img·src=x" in page.locator(".diff").first.inner_text()
    assert page.locator(".diff img, .diff script").count() == 0 and page.title() == "KodeWar Sandbox"


def test_a_refused_request_names_the_field(visit):
    page = visit.open()
    page.get_by_role("tab", name="Options").click()
    page.locator("input[name=memory_kb]").fill("99999999")
    page.get_by_role("button", name="Run").click()
    visit.verdict("failure")
    assert "limits.memory_kb" in result_text(visit)
    # The browser itself reports every status of 400 or more.
    assert [c for c in visit.complaints if "422" not in c] == []
    visit.complaints.clear()


def test_a_link_holds_the_request_and_does_not_run_it(visit, chromium, served):
    page = visit.open()
    visit.write("print('shared ü')")
    page.get_by_role("tab", name="Request").click()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{served.url}/#r=")
    page.goto("about:blank")
    page.evaluate("0")
    page.goto(served.url + "/status")
    page.evaluate("localStorage.clear()")
    page.goto(link)
    page.get_by_text("print('shared ü')").wait_for()
    assert page.get_by_text("Nothing has run yet").is_visible()


def test_the_curl_line_works(visit):
    page = visit.open()
    visit.write("print(\"it's\", '$HOME', chr(92))")
    page.get_by_role("tab", name="Request").click()
    line = page.get_by_label("On a command line").inner_text()
    visit.shot("request")
    out = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30)
    assert json.loads(out.stdout)["test_results"][0]["actual"] == "it's $HOME \\\n"


def test_the_keyboard_is_enough(visit):
    page = visit.open()
    page.keyboard.press("Alt+n")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Input of case 3"
    page.keyboard.type("1 1")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Control+Enter")
    visit.verdict("accepted")
    assert "3 of 3" in result_text(visit)
    # Everything that can be pressed is reached by Tab, and has a name.
    unnamed = page.evaluate("""() => [...document.querySelectorAll("button, select, input, textarea, a")]
        .filter(e => e.tabIndex < 0 || !(e.getAttribute("aria-label") || e.labels?.length || e.textContent.trim()))
        .map(e => e.outerHTML)""")
    assert unnamed == []


def test_what_was_written_is_there_after_a_reload(visit):
    page = visit.open()
    visit.write("print('kept')")
    page.reload()
    page.get_by_text("print('kept')").wait_for()


def test_the_policy_of_the_page_is_strict(visit):
    page = visit.open()
    policy = page.request.get(visit.url + "/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    loaded = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert loaded and all(name.startswith(visit.url) for name in loaded)


@pytest.mark.parametrize("visit", [{"dark": True}], indirect=True, ids=["dark"])
def test_dark(visit):
    page = visit.open()
    visit.write("print(41)")
    page.keyboard.press("Control+Enter")
    visit.verdict("wrong_answer")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 19, 26)"
    visit.shot("dark")
    page.get_by_label("Colours: auto").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 246, 249)"


@pytest.mark.parametrize("visit", [{"size": "phone"}], indirect=True, ids=["phone"])
def test_phone(visit):
    page = visit.open()
    page.get_by_role("button", name="Run").tap()
    visit.verdict("accepted")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing is wider than the screen"
    assert page.get_by_text("2 of 2 cases passed.").is_visible()
    visit.shot("phone", full_page=True)
    page.get_by_role("link", name="Status").tap()
    page.locator(".tile").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.shot("phone-status", full_page=True)


@pytest.mark.parametrize("visit", [{"size": "phone", "dark": True}], indirect=True, ids=["phone"])
def test_scores_fit_a_phone(visit):
    page = visit.judge(SCORED, "partial")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing is wider than the screen"
    visit.shot("phone-scored", full_page=True)


def test_a_server_that_goes_away_and_comes_back(chromium):
    service = Served("--runner", "cold")
    try:
        visit = Visit(chromium, service.url)
        page = visit.open()
        assert service.stop() == 0
        page.get_by_role("button", name="Run").click()
        visit.verdict("failure")
        assert "The server does not answer." in result_text(visit)
        page.wait_for_selector(".pill[data-state=bad]")
        visit.shot("server-down")
        service.start()
        page.get_by_role("button", name="Try again").click()
        visit.verdict("accepted")
        page.wait_for_selector(".pill[data-state=good]")
        assert all("ERR_CONNECTION_REFUSED" in c for c in visit.complaints), visit.complaints
        visit.context.close()
    finally:
        service.close()


def test_a_server_that_dies_in_mid_run(chromium):
    service = Served("--runner", "cold")
    try:
        visit = Visit(chromium, service.url)
        page = visit.open()
        visit.write(ENDLESS)
        page.keyboard.press("Control+Enter")
        page.get_by_text("Running …").wait_for()
        service.kill()
        visit.verdict("failure")
        assert "before the result came" in result_text(visit)
        visit.context.close()
    finally:
        service.close()


def test_a_token_is_asked_for_where_one_is_needed(chromium, tmp_path):
    tokens = tmp_path / "tokens"
    made = subprocess.run([BINARY, "token", "--tokens", tokens, "alice"], capture_output=True, text=True, timeout=20)
    token = next(word for word in made.stdout.split() if word.startswith("kw_"))
    service = Served("--runner", "cold", "--tokens", str(tokens))
    try:
        visit = Visit(chromium, service.url)
        page = visit.open()
        page.get_by_role("button", name="Run").click()
        page.get_by_role("heading", name="A token is needed").wait_for()
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Use it").click()
        visit.verdict("accepted")
        assert token not in page.content() and token not in page.url
        visit.context.close()
    finally:
        service.close()


def test_status_is_live(visit):
    page = visit.open()
    page.get_by_role("button", name="Run").click()
    visit.verdict("accepted")
    page.get_by_role("link", name="Status").click()
    page.locator(".tile", has_text="lanes").wait_for()
    assert int(page.locator(".tile", has_text="lanes").locator("b").inner_text()) >= 1
    page.locator(".plot path[d*=L]").nth(2).wait_for(state="attached")
    page.locator(".layers li.good", has_text="seccomp").wait_for()
    assert page.url.endswith("/status")
    visit.shot("status")
    page.reload()
    page.locator(".tile").first.wait_for()
    page.go_back()
    page.get_by_role("button", name="Run").wait_for()


def test_the_embedded_page_is_what_its_sources_give():
    out = subprocess.run([ROOT / "tools" / "check-web"], capture_output=True, text=True, timeout=110)
    assert out.returncode == 0, out.stdout + out.stderr
