# SPDX-License-Identifier: Apache-2.0
# attack: bytes that are no text: the result must stay one valid line of JSON
# layer: output
# verdict: accepted
# prints_match: ^a\ufffd+b\x00c\ufffd+\Z
import os

os.write(1, b"a\xff\xfe\xc0\xafb\x00c\xed\xa0\x80")
