# SPDX-License-Identifier: Apache-2.0
# attack: ends with the code of a program killed for want of memory
# layer: init
# verdict: runtime_error
# exit_code: 137
import sys

sys.exit(137)
