# SPDX-License-Identifier: Apache-2.0
# attack: NUL in the source, behind which a checker would not look
# layer: request
# verdict: accepted|runtime_error
# never: uid 0
# code: "print('contained')\u0000\nimport os\nprint('uid', os.getuid())\n"
