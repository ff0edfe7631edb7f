# SPDX-License-Identifier: Apache-2.0
# attack: an executable in place of a source
# layer: request
# verdict: runtime_error
# code: "\u007fELF\u0002\u0001\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0002\u0000>\u0000\u0001\u0000\u0000\u0000x\u0000@\u0000"
