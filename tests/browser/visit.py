# SPDX-License-Identifier: Apache-2.0
"""One browser window, and what it complained about. Screenshots are left in build/test-results/browser."""

import base64
import json
from pathlib import Path

SHOTS = Path(__file__).resolve().parents[2] / "build" / "test-results" / "browser"
SIZES = {"desk": {"width": 1360, "height": 860}, "phone": {"width": 390, "height": 844}}


class Visit:
    def __init__(self, chromium, url, size="desk", dark=False):
        phone = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2} if size == "phone" else {}
        self.context = chromium.new_context(viewport=SIZES[size], color_scheme="dark" if dark else "light",
                                            permissions=["clipboard-read", "clipboard-write"], **phone)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20000)
        self.complaints = []
        self.page.on("pageerror", lambda e: self.complaints.append(f"error: {e}"))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.url = url

    def open(self, path="/"):
        self.page.goto(self.url + path)
        self.page.wait_for_selector(".pill[data-state=good]")
        return self.page

    def judge(self, request, verdict):
        """As if its link had been followed, and then run."""
        text = base64.urlsafe_b64encode(json.dumps(request).encode()).decode().rstrip("=")
        page = self.open("/#j=" + text)
        page.keyboard.press("Control+Enter")
        self.verdict(verdict)
        return page

    def write(self, code):
        """As a person would, from an empty editor. (Typing over a selection makes Chromium try an inline style.)"""
        self.page.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(code)

    def verdict(self, name):
        self.page.wait_for_selector(f"[data-verdict={name}]")

    def shot(self, name, **options):
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", caret="initial", **options)
        assert (SHOTS / f"{name}.png").stat().st_size > 10000
