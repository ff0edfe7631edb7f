# SPDX-License-Identifier: Apache-2.0
# attack: arguments that a shell would take apart
# layer: request
# verdict: accepted
# prints: ['a b', 'c\nd', '', '--version', '$(id)', '*', '-c', "'", 'é']
# request: {"args": ["a b", "c\nd", "", "--version", "$(id)", "*", "-c", "'", "é"]}
import sys

print(sys.argv[1:])
